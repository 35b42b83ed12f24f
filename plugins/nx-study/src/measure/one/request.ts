import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { mapPaths, valueAt } from '../../base/path.ts';
import { assetsRoot } from '../../environment/cache.ts';
import type { TaskAssets } from './assets.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { modulesOf } from '../../python/modules.ts';
import { PROTOCOL } from '../../worker/manifest.ts';
import type { Request } from '../../worker/request.ts';
import { cpusOf } from './job.ts';
import type { Job } from './job.ts';

/** The `request.json` of a job, with absolute paths in place of data and assets. */
export function requestOf(job: Omit<Job, 'device' | 'worker'>): Request {
  const { batch, task, environment, assets } = job;
  const { study, id, label, repetition, take, digest, seed, studySeed, execution } = task;
  return {
    protocol: PROTOCOL,
    study,
    id,
    label,
    repetition,
    take,
    digest,
    configuration: withAssetPaths(
      mapPaths(task.configuration, task.dataFiles, (file) => join(batch.workspaceRoot, file)),
      assets,
    ),
    modules: modulesIn(batch.workspaceRoot, task),
    seed,
    study_seed: studySeed,
    allowance: { cpus: cpusOf(job) },
    time_limit_s: execution.timeout_s,
    cache_dir: environment.cacheDir,
    assets: Object.fromEntries([...assets].map(([path, { stamp: _stamp, ...asset }]) => [path, asset])),
    assets_dir: assetsRoot(),
  };
}

/** Dotted path of each Python file → it and the modules that it imports, absolute. */
export function modulesIn(
  workspaceRoot: string,
  { configuration, pythonFiles }: Pick<MeasureTask, 'configuration' | 'pythonFiles'>,
): Request['modules'] {
  const entries = pythonFiles.flatMap((path) => {
    const file = valueAt(configuration, path);
    if (typeof file !== 'string') return [];
    return [[path, [file, ...modulesOf(workspaceRoot, file).files].map((one) => join(workspaceRoot, one))]];
  });
  return Object.fromEntries(entries) as Request['modules'];
}

const withAssetPaths = (configuration: JsonObject, assets: TaskAssets): JsonObject =>
  [...assets].reduce((result, [at, { path }]) => mapPaths(result, [at], () => path), configuration);
