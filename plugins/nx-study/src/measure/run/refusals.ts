import type { ExecutorContext } from '@nx/devkit';
import { dependencyProblem, namedTarget } from '../../graph/dependencies.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { groupBy } from '../../base/group-by.ts';
import { missingOf } from '../../state/still-there.ts';
import { messages } from '../../state/texts.ts';
import type { Worker } from '../../worker/manifest.ts';
import { readWorker } from '../../worker/read.ts';
import { refusalBySlurm } from '../slurm/refusal.ts';
import { refusalsOf } from './task-of.ts';

type Context = Pick<ExecutorContext, 'root' | 'projectsConfigurations' | 'projectGraph' | 'taskGraph'>;

/** Says of each of some tasks why it isn't measured in this run of Nx, whatever Nx thinks of it; null when it can be. */
export async function openRefusals(
  context: Context,
  tasks: MeasureTask[],
): Promise<(task: MeasureTask) => string | null> {
  const reasonAgainst = refusalsOf(context, tasks);
  const byCode = new Map<MeasureTask, string>();
  const bySlurm = new Map<MeasureTask, string | null>();
  for (const [name, own] of groupBy(tasks, ({ worker }) => worker)) {
    // A worker that can't be read any more is reported for each of its measurements.
    const worker = await readWorker(context.root, name).catch(() => null);
    for (const task of own) bySlurm.set(task, refusalBySlurm(task, worker));
    for (const [task, reason] of await codeReasons(context, worker, own)) byCode.set(task, reason);
  }
  return (task) => reasonAgainst(task) ?? bySlurm.get(task) ?? byCode.get(task) ?? null;
}

/** Why the code that these tasks of one worker would measure need not be the code of their identity. */
async function codeReasons(
  context: Context,
  worker: Worker | null,
  tasks: MeasureTask[],
): Promise<[MeasureTask, string][]> {
  if (worker === null) return [];
  const problem = dependencyProblem(context, worker);
  if (problem !== null) return tasks.map((task) => [task, problem]);
  const notRun = worker.manifest.dependsOn.filter((text) => !isInRun(context, text));
  if (notRun.length === 0) return [];
  const toMeasure = await missingOf(context.root, tasks);
  return toMeasure.map((task) => [task, messages.notBuilt(notRun)]);
}

function isInRun({ taskGraph }: Context, text: string): boolean {
  const { project, target } = namedTarget(text);
  return Object.values(taskGraph?.tasks ?? {}).some(
    (task) => task.target.project === project && task.target.target === target,
  );
}
