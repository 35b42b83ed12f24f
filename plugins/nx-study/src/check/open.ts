import { join } from 'node:path';
import { canonicalJson } from '../base/canonical.ts';
import { mapPaths } from '../base/dotted.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { JsonObject } from '../base/json.ts';
import type { Worker } from '../worker/manifest.ts';
import type { Checked } from './answer.ts';
import { runCheck } from './run.ts';

type Task = Pick<MeasureTask, 'worker' | 'configuration' | 'dataFiles'>;

/** Tells whether what tasks read can be used: each distinct input is checked once, one after another. */
export function openChecks(
  workspaceRoot: string,
  signal?: AbortSignal,
): (task: Task, worker: Worker) => Promise<Checked> {
  const known = new Map<string, Promise<Checked>>();
  return async ({ configuration, dataFiles }, worker) => {
    const { check } = worker.manifest;
    if (check === undefined) return { state: 'fine' };
    const absolute = mapPaths(configuration, dataFiles, (file) => join(workspaceRoot, file));
    const read = only(absolute, check.settings);
    const key = `${worker.name} ${canonicalJson(read)}`;
    const pending = known.get(key) ?? runCheck(workspaceRoot, worker, read, signal);
    known.set(key, pending);
    return pending;
  };
}

const only = (configuration: JsonObject, settings: string[]): JsonObject =>
  Object.fromEntries(
    settings.flatMap((name) => (Object.hasOwn(configuration, name) ? [[name, configuration[name]!]] : [])),
  );
