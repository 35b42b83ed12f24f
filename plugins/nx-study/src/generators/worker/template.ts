import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { generateFiles, offsetFromRoot, readJson } from '@nx/devkit';
import { FsTree } from 'nx/src/generators/tree.js';
import type { Json } from '../../base/json.ts';
import type { Manifest } from '../../worker/manifest.ts';
import type { NewFile } from './files.ts';
import { kitFiles, shippedLock } from './shipped.ts';

/** Small workers that measure, by their language. */
export const TEMPLATES = ['shell', 'node', 'typescript', 'python', 'pymc'] as const;
export type Template = (typeof TEMPLATES)[number];

export const isTemplate = (name: string): name is Template => (TEMPLATES as readonly string[]).includes(name);

/** A first study with each of them, where nobody asks for axes. */
export const EXAMPLES: Record<Template, { question: string; axes: Record<string, Json[]> }> = {
  shell: {
    question: 'How much longer does the highest level of gzip take than the lowest?',
    axes: { command: ['seq 1000000 | gzip -1 | wc -c', 'seq 1000000 | gzip -9 | wc -c'] },
  },
  node: { question: 'Does Node write JSON faster than the format of V8?', axes: { format: ['json', 'v8'] } },
  typescript: { question: 'Does Node write JSON faster than the format of V8?', axes: { format: ['json', 'v8'] } },
  pymc: {
    question: 'Which parametrisation of the eight schools does NUTS sample better?',
    axes: { parametrisation: ['centred', 'non-centred'] },
  },
  python: { question: 'Does Python write JSON faster than pickle?', axes: { format: ['json', 'pickle'] } },
};

/** All files of a template for a folder of the workspace, with the parts of the kits that it needs. */
export function templateFiles(workspaceRoot: string, folder: string, template: Template): NewFile[] {
  const scratch = new FsTree(workspaceRoot, false);
  generateFiles(scratch, join(templatesFolder(), template), folder, { tmpl: '', offset: offsetFromRoot(folder) });
  const { measuring } = readJson<Manifest>(scratch, `${folder}/worker.json`);
  const own = scratch
    .listChanges()
    .map(({ path, content }): NewFile => ({ path, text: content!.toString('utf8'), isKit: false }));
  // Tested there.
  const locks = template === 'pymc' ? [shippedLock(folder, 'ideal-point')] : [];
  return [...own, ...locks, ...kitFiles(workspaceRoot, { measuring, deriving: [] })];
}

function templatesFolder(): string {
  if (import.meta.url.endsWith('.ts')) return join(import.meta.dirname, 'templates');
  const root = dirname(createRequire(import.meta.url).resolve('nx-study/package.json'));
  return join(root, 'dist/generators/worker/templates');
}
