import type { Tree } from '@nx/devkit';
import type { Worker } from '../../worker/manifest.ts';
import type { Workers } from '../../worker/read.ts';
import { workersFolder } from '../../workspace/places.ts';
import { studyTexts as texts } from '../texts.ts';
import { addFiles } from '../worker/files.ts';
import { isTemplate, templateFiles, TEMPLATES } from '../worker/template.ts';
import { workersIn } from '../workers.ts';

export interface FoundWorker {
  worker: Worker;
  /** All of the workspace. */
  workers: Workers;
  /** Made from a template, as there was none. */
  isMade: boolean;
}

/** The worker of a study that is being made. @throws Error where there is none, and no template of this name. */
export async function findWorker(tree: Tree, name: string): Promise<FoundWorker> {
  const workers = await workersIn(tree);
  const broken = workers.broken.get(name);
  if (broken !== undefined) throw new Error(texts.brokenWorker(name, broken));
  const worker = workers.get(name);
  if (worker) return { worker, workers, isMade: false };
  const folder = `${workersFolder(tree.root)}/${name}`;
  if (!isTemplate(name) || tree.exists(folder)) throw new Error(texts.noWorker(name, [...workers.keys()], TEMPLATES));
  await addFiles(tree, templateFiles(tree.root, folder, name), { replaceKits: false });
  const made = await workersIn(tree);
  return { worker: made.get(name)!, workers: made, isMade: true };
}
