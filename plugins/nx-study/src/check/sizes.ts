import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoized } from '../base/memoized.ts';
import { writeAtomically } from '../base/whole-file.ts';
import { cacheRoot } from '../environment/cache.ts';
import { doctorContent, doctorDigest, workerContent } from '../graph/identity.ts';
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
  /** Call it before the model is built. What it returns keeps the size, unless a file was changed or can't be read meanwhile. */
  keeper(task: Sizable, worker: Worker): Promise<(size: Size) => Promise<void>>;
}

/** Opens the sizes that are kept in the user's cache, by the contents of all that a model is made of as it is now. */
export function openSizes(workspaceRoot: string): Sizes {
  const pathOf = openPaths(workspaceRoot);
  const kept = new Set<string>();
  return {
    async find(task, worker) {
      if (worker.manifest.doctor?.sizes !== true) return null;
      const path = await pathOf(task, worker);
      const text = path === null ? null : await readFile(path, 'utf8').catch(() => null);
      return text === null ? null : (sizeSchema.safeParse(asJson(text)).data ?? null);
    },
    async keeper(task, worker) {
      const path = await pathOf(task, worker);
      return async (size) => {
        if (path === null || kept.has(path) || (await openPaths(workspaceRoot)(task, worker)) !== path) return;
        await writeAtomically(path, `${JSON.stringify(size)}\n`);
        kept.add(path);
      };
    },
  };
}

/** Where the size of a task's model is kept, by the files as they are when they are first read; null where one can't be read. */
function openPaths(workspaceRoot: string): (task: Sizable, worker: Worker) => Promise<string | null> {
  const sources = memoized(() => openSources(workspaceRoot));
  const knownOf = memoized(
    async (worker: Worker) => {
      const { contents } = await sources();
      const content = await workerContent(workspaceRoot, worker, contents);
      return { worker, content, doctor: await doctorContent(workspaceRoot, worker, contents) };
    },
    ({ name }) => name,
  );
  const digestOf = async (task: Sizable, worker: Worker): Promise<string> =>
    doctorDigest(workspaceRoot, task, await knownOf(worker), await sources());
  return (task, worker) =>
    digestOf(task, worker).then(
      (digest) => join(cacheRoot(), 'sizes', `${digest}.json`),
      () => null,
    );
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
