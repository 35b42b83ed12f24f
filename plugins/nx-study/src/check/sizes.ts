import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoized } from '../base/memoized.ts';
import { cacheRoot, writeAtomically } from '../environment/cache.ts';
import { partDigest, workerContent } from '../graph/identity.ts';
import { openSources } from '../graph/sources.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { Worker } from '../worker/manifest.ts';
import { sizeSchema } from '../worker/size.ts';
import type { Size } from '../worker/size.ts';

export type Sizable = Pick<MeasureTask, 'worker' | 'configuration' | 'dataFiles' | 'pythonFiles' | 'variant'>;

/** The sizes of models that only building them tells: `doctor` builds and keeps them, for plans and runs of the same model. */
export interface Sizes {
  /** null where no such model was built, or the worker builds none; also where a file can't be read, which others tell. */
  find(task: Sizable, worker: Worker): Promise<Size | null>;
  keep(task: Sizable, worker: Worker, size: Size): Promise<void>;
}

/** Opens the sizes that are kept in the user's cache, by the contents of all that a model is made of as it is now. */
export function openSizes(workspaceRoot: string): Sizes {
  const sources = memoized(() => openSources(workspaceRoot));
  const contentOf = memoized(
    async (worker: Worker) => workerContent(workspaceRoot, worker, (await sources()).contents),
    ({ name }) => name,
  );
  const pathOf = async (task: Sizable, worker: Worker): Promise<string> => {
    const { settings = [] } = worker.manifest.doctor ?? {};
    const known = { worker, content: await contentOf(worker), settings };
    return join(cacheRoot(), 'sizes', `${await partDigest(workspaceRoot, task, known, await sources())}.json`);
  };
  return {
    async find(task, worker) {
      if (worker.manifest.doctor?.sizes !== true) return null;
      const text = await pathOf(task, worker)
        .then((path) => readFile(path, 'utf8'))
        .catch(() => null);
      return text === null ? null : (sizeSchema.safeParse(asJson(text)).data ?? null);
    },
    keep: async (task, worker, size) => writeAtomically(await pathOf(task, worker), `${JSON.stringify(size)}\n`),
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
