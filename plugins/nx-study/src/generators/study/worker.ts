import type { Tree } from '@nx/devkit';
import type { Worker } from '../../worker/manifest.ts';
import type { Workers } from '../../worker/read.ts';
import { workersFolder } from '../../workspace/places.ts';
import { studyTexts as texts } from '../texts.ts';
import { addFiles } from '../worker/files.ts';
import { EXAMPLES, exampleFiles, isExample } from './examples.ts';
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
  if (!isExample(name) || tree.exists(folder))
    throw new Error(texts.noWorker(name, [...workers.keys()], Object.keys(EXAMPLES)));
  await addFiles(tree, exampleFiles(tree.root, folder, name), { replaceKits: false });
  const made = await workersIn(tree);
  return { worker: made.get(name)!, workers: made, isMade: true };
}
