import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { mapPaths } from '../../base/path.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { assetsRoot } from '../../environment/cache.ts';
import type { TaskAssets } from './assets.ts';
import { PROTOCOL } from '../../worker/manifest.ts';
import type { Request } from '../../worker/request.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';

/** The `request.json` of a task. */
export function requestOf(
  workspaceRoot: string,
  task: MeasureTask,
  environment: PreparedEnvironment,
  assets: TaskAssets,
  cpus: number,
): Request {
  const { study, id, label, repetition, take, digest, seed, execution } = task;
  return {
    protocol: PROTOCOL,
    study,
    id,
    label,
    repetition,
    take,
    digest,
    configuration: withAssetPaths(
      mapPaths(task.configuration, task.dataFiles, (file) => join(workspaceRoot, file)),
      assets,
    ),
    seed,
    allowance: { cpus },
    time_limit_s: execution.timeout_s,
    cache_dir: environment.cacheDir,
    assets: Object.fromEntries([...assets].map(([path, { stamp: _stamp, ...asset }]) => [path, asset])),
    assets_dir: assetsRoot(),
  };
}

const withAssetPaths = (configuration: JsonObject, assets: TaskAssets): JsonObject =>
  [...assets].reduce((result, [at, { path }]) => mapPaths(result, [at], () => path), configuration);
