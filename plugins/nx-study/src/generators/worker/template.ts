import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { generateFiles, offsetFromRoot, readJson } from '@nx/devkit';
import { FsTree } from 'nx/src/generators/tree.js';
import type { Manifest } from '../../worker/manifest.ts';
import type { NewFile } from './files.ts';
import { kitFiles } from './shipped.ts';

/** Small workers that measure, by their language. */
export const TEMPLATES = ['shell', 'node', 'typescript', 'python'] as const;
export type Template = (typeof TEMPLATES)[number];

export const isTemplate = (name: string): name is Template => (TEMPLATES as readonly string[]).includes(name);

/** All files of a template for a folder of the workspace, with the parts of the kits that it needs. */
export function templateFiles(workspaceRoot: string, folder: string, template: Template): NewFile[] {
  const scratch = new FsTree(workspaceRoot, false);
  generateFiles(scratch, join(templatesFolder(), template), folder, { tmpl: '', offset: offsetFromRoot(folder) });
  const { measuring } = readJson<Manifest>(scratch, `${folder}/worker.json`);
  const own = scratch
    .listChanges()
    .map(({ path, content }): NewFile => ({ path, text: content!.toString('utf8'), isKit: false }));
  return [...own, ...kitFiles(workspaceRoot, { measuring, deriving: [] })];
}

/** A PyMC model to start from, as the study of a new workspace gets it. */
export const startingModel = (): string => readFileSync(join(templatesFolder(), 'model/model.py__tmpl__'), 'utf8');

function templatesFolder(): string {
  if (import.meta.url.endsWith('.ts')) return join(import.meta.dirname, 'templates');
  const root = dirname(createRequire(import.meta.url).resolve('nx-study/package.json'));
  return join(root, 'dist/generators/worker/templates');
}
