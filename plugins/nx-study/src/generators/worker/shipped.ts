import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import fastGlob from 'fast-glob';
import { versions } from '../../machine/description/describe.ts';
import { parseStrictly } from '../../base/strict-json.ts';
import { manifestSchema } from '../../worker/manifest.ts';
import type { Manifest } from '../../worker/manifest.ts';
import { isNegation } from '../../worker/patterns.ts';
import { editYaml } from '../../yaml/edit.ts';

/** The workers that come with nx-study. */
export const SHIPPED = ['ideal-point', 'llama-cpp', 'transformers', 'vllm', 'endpoint', 'tensorrt-llm'] as const;

/** The part of a path that stands for the folder of a worker that is copied. */
export interface ShippedFile {
  /** Relative to the worker's folder, or to the kits. */
  path: string;
  isKit: boolean;
  text: string;
}

// Tests, what they need, and what programs leave behind.
const NOT_SHIPPED = [
  '**/{tests,tools,node_modules,conformance}/**',
  '**/{__pycache__,.*}/**',
  '**/*.pyc',
  '**/*-test.*',
];

/** What a workspace gets of the folder of a worker, or of the kits: paths relative to it, sorted. */
export const filesToShip = (folder: string): string[] =>
  fastGlob.sync('**/*', { cwd: folder, ignore: NOT_SHIPPED }).toSorted();

/** Where the built package has the workers; from source, they are those of the repository. */
function shippedFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve('nx-study/package.json'));
  return import.meta.url.endsWith('.ts')
    ? join(import.meta.dirname, '../../../../../workers')
    : join(root, 'dist/shipped');
}

/** As in the key `from` of a copied worker. */
export const provenance = (name: string): string => `nx-study@${versions.nx_study}/${name}`;

/** All files of a shipped worker as they are copied, with the parts of the kits that it names. */
export function shippedWorker(name: string): { manifest: Manifest; files: ShippedFile[] } {
  const folder = join(shippedFolder(), name);
  const manifest = manifestSchema.parse(parseStrictly(readFileSync(join(folder, 'worker.json'), 'utf8')));
  const own = filesToShip(folder).map((path): ShippedFile => {
    const text = withoutOuterLinks(path, readFileSync(join(folder, path), 'utf8'));
    const isManifest = path === 'worker.json';
    return { path, isKit: false, text: isManifest ? editYaml(text, ['from'], provenance(name), 'json') : text };
  });
  return { manifest, files: [...own, ...kitFiles(manifest)] };
}

/** The files of the kits that a manifest names among the measuring or deriving code. */
export function kitFiles({ measuring, deriving }: Pick<Manifest, 'measuring' | 'deriving'>): ShippedFile[] {
  const patterns = [...measuring, ...deriving].filter((one) => !isNegation(one) && one.startsWith('{kits}/'));
  if (patterns.length === 0) return [];
  const folder = join(shippedFolder(), 'kits');
  const cut = patterns.map((pattern) => pattern.slice('{kits}/'.length));
  const found = fastGlob.sync(cut, { cwd: folder, ignore: NOT_SHIPPED }).toSorted();
  return found.map((path) => ({ path, isKit: true, text: readFileSync(join(folder, path), 'utf8') }));
}

/** Links of a page to what is not copied with it become plain text. */
function withoutOuterLinks(path: string, text: string): string {
  if (!path.endsWith('.md')) return text;
  return text.replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, shown: string, target: string) => {
    const isOuter = !/^(\w+:|#)/.test(target) && posix.join(posix.dirname(path), target).startsWith('..');
    return isOuter ? shown : link;
  });
}
