import { join } from 'node:path';
import { mapPaths } from '../graph/paths.ts';
import type { MeasureTask } from '../graph/task.ts';
import { assetsRoot } from '../environment/cache.ts';
import type { PreparedEnvironment } from '../environment/prepare.ts';
import { PROTOCOL } from '../worker/manifest.ts';
import type { Request } from '../worker/request.ts';

/** The `request.json` of a task. */
export function requestOf(
  workspaceRoot: string,
  task: MeasureTask,
  environment: PreparedEnvironment,
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
    configuration: mapPaths(task.configuration, task.dataFiles, (file) => join(workspaceRoot, file)),
    seed,
    allowance: { cpus },
    time_limit_s: execution.timeout_s,
    cache_dir: environment.cacheDir,
    assets: {},
    assets_dir: assetsRoot(),
  };
}
