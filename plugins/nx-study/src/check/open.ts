import { join } from 'node:path';
import { canonicalJson } from '../base/canonical.ts';
import { mapPaths, picked } from '../base/path.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { checkTexts } from '../worker/check-texts.ts';
import type { Worker } from '../worker/manifest.ts';
import type { Checked } from './answer.ts';
import { openEngineChecks } from './engine.ts';
import { runCheck } from './run.ts';
import { openMisfits } from './schemas.ts';
import { openSizes } from './sizes.ts';
import type { Sizable } from './sizes.ts';

type Task = Sizable & Pick<MeasureTask, 'assets' | 'expect'>;

/**
 * Opens the check of tasks before their start: by what their engine is known to refuse, then of the files and settings that they
 * read, by their worker's `check` command, and by the schemas that it gives. Each distinct input is checked once, and
 * nothing where all that the check reads is null. A check that fails to run gives `unchecked` with the reason. A size that no check
 * says is the one of `doctor`, where it built the same model. The function throws only the signal's reason.
 */
export function openChecks(
  workspaceRoot: string,
  signal?: AbortSignal,
): (task: Task, worker: Worker) => Promise<Checked> {
  const refusedBy = openEngineChecks(workspaceRoot);
  const checkOnce = memoized(
    (worker: Worker, read: JsonObject) => runCheck(workspaceRoot, worker, read, { signal }),
    (worker, read) => `${worker.name} ${canonicalJson(read)}`,
  );
  const misfitsOf = openMisfits();
  const sizes = openSizes(workspaceRoot);
  const fine = async (task: Task, worker: Worker): Promise<Checked> => ({
    state: 'fine',
    size: await sizes.find(task, worker),
  });
  return async (task, worker) => {
    const refusal = await refusedBy(task, worker);
    if (refusal !== null) return { state: 'wrong', ...refusal };
    const { configuration, dataFiles } = task;
    const { check } = worker.manifest;
    if (check === undefined) return fine(task, worker);
    const absolute = mapPaths(configuration, dataFiles, (file) => join(workspaceRoot, file));
    const read = picked(absolute, check.settings.map(keysOf)) as JsonObject;
    if (isAllNull(read)) return fine(task, worker);
    const reply = await checkOnce(worker, read);
    if (reply.state === 'unchecked') return reply;
    const problems = [...reply.problems, ...misfitsOf(reply.schemas, configuration, worker.name)];
    if (problems.length === 0) return reply.size === null ? fine(task, worker) : { state: 'fine', size: reply.size };
    const summary = checkTexts.wrong(problems.map(({ message }) => message));
    return { state: 'wrong', type: 'unsupported', summary, problems };
  };
}

const isAllNull = (read: JsonObject): boolean => {
  const values = Object.values(read);
  return values.length > 0 && values.every((value) => value === null);
};

const keysOf = (path: string): string[] => path.split('.');
