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
import { kitsOf } from './files.ts';
import type { NewFile } from './files.ts';

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

/** All files of a shipped worker for a folder of the workspace, with the parts of the kits that it names. */
export function shippedFiles(workspaceRoot: string, folder: string, name: string): NewFile[] {
  const source = join(shippedFolder(), name);
  const own = filesToShip(source).map((path): NewFile => {
    const text = withoutOuterLinks(path, readFileSync(join(source, path), 'utf8'));
    const isManifest = path === 'worker.json';
    const complete = isManifest ? editYaml(text, ['from'], provenance(name), 'json') : text;
    return { path: `${folder}/${path}`, text: complete, isKit: false };
  });
  const manifest = manifestSchema.parse(parseStrictly(readFileSync(join(source, 'worker.json'), 'utf8')));
  return [...own, ...kitFiles(workspaceRoot, manifest)];
}

/** The files of the kits that a manifest names among the measuring or deriving code. */
export function kitFiles(workspaceRoot: string, { measuring, deriving }: Patterns): NewFile[] {
  const patterns = [...measuring, ...deriving].filter((one) => !isNegation(one) && one.startsWith('{kits}/'));
  if (patterns.length === 0) return [];
  const source = join(shippedFolder(), 'kits');
  const cut = patterns.map((pattern) => pattern.slice('{kits}/'.length));
  const found = fastGlob.sync(cut, { cwd: source, ignore: NOT_SHIPPED }).toSorted();
  return found.map((path) => ({
    path: `${kitsOf(workspaceRoot)}/${path}`,
    text: readFileSync(join(source, path), 'utf8'),
    isKit: true,
  }));
}

type Patterns = Pick<Manifest, 'measuring' | 'deriving'>;

/** Links of a page to what is not copied with it become plain text. */
function withoutOuterLinks(path: string, text: string): string {
  if (!path.endsWith('.md')) return text;
  return text.replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, shown: string, target: string) => {
    const isOuter = !/^(\w+:|#)/.test(target) && posix.join(posix.dirname(path), target).startsWith('..');
    return isOuter ? shown : link;
  });
}
