import type { Json, JsonObject } from '../../base/json.ts';
import { versions } from '../../machine/description/describe.ts';
import type { Results } from '../../state/rows.ts';
import { reportTexts as texts } from './texts.ts';

/** A file of a bundle. */
export interface CrateFile {
  path: string;
  description: string;
  bytes: number;
  sha256: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  json: 'application/json',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  yaml: 'application/yaml',
};

/** `ro-crate-metadata.json` of a bundle, by RO-Crate 1.1 (https://www.researchobject.org/ro-crate/1.1/). */
export function crateOf({ study, description }: Results, published: Date, files: readonly CrateFile[]): JsonObject {
  const nxStudy = '#nx-study';
  return {
    '@context': 'https://w3id.org/ro/crate/1.1/context',
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
        about: { '@id': './' },
      },
      {
        '@id': './',
        '@type': 'Dataset',
        name: description ?? study,
        description: texts.crate(study),
        datePublished: published.toISOString(),
        license: texts.noLicense,
        hasPart: files.map(({ path }): Json => ({ '@id': path })),
        mainEntity: { '@id': 'report/index.html' },
      },
      { '@id': nxStudy, '@type': 'SoftwareApplication', name: 'nx-study', version: versions.nx_study },
      ...files.map(({ path, description: about, bytes, sha256 }): JsonObject => ({
        '@id': path,
        '@type': 'File',
        name: path,
        description: about,
        encodingFormat: TYPES[path.split('.').at(-1)!] ?? 'application/octet-stream',
        contentSize: String(bytes),
        sha256,
        ...(path.startsWith('report/') && { creator: { '@id': nxStudy } }),
      })),
    ],
  };
}
