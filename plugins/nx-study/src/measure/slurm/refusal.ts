import { valueAt } from '../../base/path.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { missingProgram } from '../../slurm/client.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import type { Worker } from '../../worker/manifest.ts';

/** Why a task can't be measured by a job, before anything starts; null where it can, or needs none. `worker`: null where it can't be read. */
export function refusalBySlurm(task: MeasureTask, worker: Worker | null): string | null {
  if (task.execution.runner !== 'slurm') return null;
  const missing = missingProgram();
  if (missing !== null) return slurmTexts.noProgram(missing);
  if (task.platform === 'host') return slurmTexts.hostPlatform;
  return worker && autoVariant(task, worker);
}

/** What `auto` stands for was decided on this machine. */
function autoVariant({ configuration }: MeasureTask, { manifest: { environment } }: Worker): string | null {
  if (!('variants' in environment) || environment.variants === undefined) return null;
  const { by, locks } = environment.variants;
  if (valueAt(configuration, by) !== 'auto' || Object.hasOwn(locks, 'auto') || !('cuda' in locks)) return null;
  return slurmTexts.autoVariant(by, Object.keys(locks));
}
