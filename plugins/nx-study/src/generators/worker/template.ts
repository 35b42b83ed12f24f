import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { generateFiles, offsetFromRoot, readJson } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import type { Json } from '../../base/json.ts';
import type { Manifest } from '../../worker/manifest.ts';
import { addKits } from './copy.ts';
import { kitFiles } from './shipped.ts';

/** Small workers that measure, by their language. */
export const TEMPLATES = ['shell', 'node', 'typescript', 'python'] as const;
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
  python: { question: 'Does Python write JSON faster than pickle?', axes: { format: ['json', 'pickle'] } },
};

/** Makes a worker from a template, with the parts of the kits that it needs. @throws Error where those differ. */
export function addTemplate(
  tree: Tree,
  folder: string,
  { template, replaceKits = false }: { template: Template; replaceKits?: boolean },
): void {
  const files = join(templatesFolder(), template);
  generateFiles(tree, files, folder, { tmpl: '', offset: offsetFromRoot(folder) });
  const { measuring } = readJson<Manifest>(tree, `${folder}/worker.json`);
  addKits(tree, kitFiles({ measuring, deriving: [] }), replaceKits);
}

function templatesFolder(): string {
  if (import.meta.url.endsWith('.ts')) return join(import.meta.dirname, 'templates');
  const root = dirname(createRequire(import.meta.url).resolve('nx-study/package.json'));
  return join(root, 'dist/generators/worker/templates');
}
