import type { Tree } from '@nx/devkit';
import type { Worker } from '../../worker/manifest.ts';
import { isShipped, SHIPPED } from '../../worker/shipped.ts';
import type { Workers } from '../../worker/read.ts';
import { workersFolder } from '../../workspace/places.ts';
import { studyTexts as texts } from '../texts.ts';
import { addFiles } from '../worker/files.ts';
import type { NewFile } from '../worker/files.ts';
import { shippedFiles } from '../worker/shipped.ts';
import { isTemplate, templateFiles, TEMPLATES } from '../worker/template.ts';
import { workersIn } from '../workers.ts';

export interface FoundWorker {
  worker: Worker;
  /** All of the workspace. */
  workers: Workers;
  /** Made, as there was none. */
  isMade: boolean;
}

/** The worker of a study that is being made. @throws Error where there is none, and none of this name can be made. */
export async function findWorker(tree: Tree, name: string): Promise<FoundWorker> {
  const workers = await workersIn(tree);
  const broken = workers.broken.get(name);
  if (broken !== undefined) throw new Error(texts.brokenWorker(name, broken));
  const worker = workers.get(name);
  if (worker) return { worker, workers, isMade: false };
  const folder = `${workersFolder(tree.root)}/${name}`;
  const files = tree.exists(folder) ? null : filesOf(tree.root, folder, name);
  if (files === null) throw new Error(texts.noWorker(name, [...workers.keys()], [...TEMPLATES, ...SHIPPED]));
  await addFiles(tree, files, { replaceKits: false });
  const made = await workersIn(tree);
  return { worker: made.get(name)!, workers: made, isMade: true };
}

/** All files of a worker of that name that can be made; null where none can. */
function filesOf(workspaceRoot: string, folder: string, name: string): NewFile[] | null {
  if (isTemplate(name)) return templateFiles(workspaceRoot, folder, name);
  return isShipped(name) ? shippedFiles(workspaceRoot, folder, name) : null;
}
