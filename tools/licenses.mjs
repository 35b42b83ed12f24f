import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licenses of the libraries that some modules are from, as Markdown. Throws where a library has none to show. */
export function licensesOf(moduleIds) {
  const folders = new Set(moduleIds.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []));
  const texts = [...folders].map(licenseOf).toSorted();
  return ['# Licenses of the libraries in these files', ...new Set(texts)].join('\n\n');
}

function licenseOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (typeof license !== 'string') throw new Error(`${folder}/package.json names no license`);
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `By ${author?.name ?? author}.`;
  return `## ${name} ${version} (${license})\n\n${text}`;
}
