import type { GeneratorCallback, Tree } from '@nx/devkit';
import { print } from '../../base/terminal.ts';
import { isShipped, SHIPPED } from '../../worker/shipped.ts';
import { isWorkerName } from '../../worker/read.ts';
import { workersFolder } from '../../workspace/places.ts';
import { writeEditorSchemas } from '../schemas.ts';
import { workerTexts as texts } from '../texts.ts';
import { workersIn } from '../workers.ts';
import { addFiles } from './files.ts';
import type { NewFile } from './files.ts';
import { shippedFiles } from './shipped.ts';
import { isTemplate, templateFiles, TEMPLATES } from './template.ts';
import { updateWorker } from './update.ts';

export interface WorkerOptions {
  name: string;
  from?: string;
  template?: string;
  update?: boolean;
  write?: boolean;
  replaceKits?: boolean;
}

/**
 * Makes `workers/<name>`, as a copy of a worker of nx-study or from a template; with `update` it compares a copy with its origin.
 * @throws Error, before anything is written, for a bad name, an unknown origin, or kit files that differ.
 */
export default async function worker(tree: Tree, options: WorkerOptions): Promise<GeneratorCallback> {
  const { name, from, template } = options;
  if (!isWorkerName(name) || name === 'kits') throw new Error(texts.name(name));
  const folder = `${workersFolder(tree.root)}/${name}`;
  if (options.update) return updateWorker(tree, folder, options.write ?? false);
  if (tree.exists(folder)) throw new Error(texts.exists(folder));
  if (from !== undefined && template !== undefined) throw new Error(texts.both);
  if (from === undefined && template === undefined) throw new Error(texts.either(SHIPPED, TEMPLATES));
  await addFiles(tree, filesOf(tree.root, folder, options), { replaceKits: options.replaceKits ?? false });
  await writeEditorSchemas(tree, (await workersIn(tree)).values());
  return () => print([texts.made(folder, template === undefined), texts.next(name)].join('\n'));
}

function filesOf(workspaceRoot: string, folder: string, { from, template }: WorkerOptions): NewFile[] {
  if (template !== undefined) {
    if (!isTemplate(template)) throw new Error(texts.unknown('template', template, TEMPLATES));
    return templateFiles(workspaceRoot, folder, template);
  }
  if (!isShipped(from!)) throw new Error(texts.unknown('from', from!, SHIPPED));
  return shippedFiles(workspaceRoot, folder, from);
}
