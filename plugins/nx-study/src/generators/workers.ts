import type { Tree } from '@nx/devkit';
import { parseStrictly } from '../base/strict-json.ts';
import { readWorker, WorkerError, Workers } from '../worker/read.ts';
import { workerTexts } from '../worker/texts.ts';
import { workersFolder } from '../workspace/places.ts';

/** The workers of a workspace as a generator leaves it: those on disk, and those that are still to be written. */
export async function workersIn(tree: Tree): Promise<Workers> {
  const workers = new Workers();
  const folder = workersFolder(tree.root);
  for (const name of tree.children(folder).toSorted()) {
    if (!tree.exists(`${folder}/${name}/worker.json`)) continue;
    try {
      workers.set(name, await readWorker(tree.root, name, (file) => readFrom(tree, file)));
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      workers.broken.set(name, error.message);
    }
  }
  return workers;
}

function readFrom(tree: Tree, file: string): unknown {
  const text = tree.read(file, 'utf8');
  if (text === null) throw new WorkerError(workerTexts.missing(file));
  try {
    return parseStrictly(text);
  } catch (error) {
    throw new WorkerError(workerTexts.json(file, (error as Error).message));
  }
}
