import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '../../base/reason.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { variablesOfJobs } from '../../graph/variables.ts';
import { slurmFor } from '../../plan/slurm.ts';
import { submit } from '../../slurm/client.ts';
import { scriptOf, submitOptions } from '../../slurm/options.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import { headOf } from './by-job.ts';
import type { ByJob, Watched } from './by-job.ts';
import { claimJob, jobPlace, readJob, removeJob, writeJob } from './job-file.ts';
import type { JobFile, JobPlace } from './job-file.ts';
import { nodeProgram } from './program.ts';

interface Claimed {
  task: MeasureTask;
  place: JobPlace;
}

/** Claims a measurement, and those after it that the same job makes; null where another process was faster. */
export async function claimPack(by: ByJob): Promise<Claimed[] | null> {
  const claimed: Claimed[] = [];
  for (const task of [by.task, ...packable(by.task, by.after)]) {
    const place = jobPlace(by.batch.workspaceRoot, task);
    const first = claimed[0]?.place ?? place;
    const position = claimed.length;
    if (!(await claimJob(place, contentOf(by, task, { ...jobNames(first), job: null, position, of: position + 1 }))))
      break;
    claimed.push({ task, place });
  }
  return claimed.length === 0 ? null : claimed;
}

/**
 * The measurements after one that its job can make as well: the next ones of its lane, as far as they ask Slurm for the same.
 * One that is expected to fail has a job of its own, for Slurm says how a job ended, and not which of its measurements that
 * was; and so has each where the time of the run is limited, which the process that submits it keeps.
 */
export function packable(task: MeasureTask, after: readonly MeasureTask[]): MeasureTask[] {
  const { budget_s, until } = task.execution;
  const settings = slurmOf(task);
  if (budget_s !== null || until !== null) return [];
  const fits = (one: MeasureTask) => one.study === task.study && isDeepStrictEqual(slurmOf(one), settings);
  const others = after.slice(0, settings.pack - 1);
  const end = [task, ...others].findIndex((one) => !fits(one) || one.expect === 'failed');
  return end === -1 ? others : others.slice(0, Math.max(0, end - 1));
}

const slurmOf = ({ execution, worker }: MeasureTask) => slurmFor(execution.slurm, worker);

/** Submits a job for some measurements. @throws Error with Slurm's words where it does not take the job. */
export async function submitPack(by: ByJob, pack: readonly Claimed[]): Promise<Watched> {
  const { batch, task, node } = by;
  const [{ place }] = pack as [Claimed];
  const names = jobNames(place);
  const options = submitOptions(slurmOf(task), { ...names, log: place.log, folder: batch.workspaceRoot, node });
  const files = pack.map((one) => one.place.file);
  const of = pack.length;
  try {
    const job = await submit(options, scriptOf([process.execPath, nodeProgram(), ...files]), variablesOfJobs());
    for (const [position, one] of pack.entries())
      await writeJob(one.place.file, contentOf(by, one.task, { ...names, job, position, of }));
    batch.print(`${headOf(task, of)}: ${slurmTexts.submitted(job, node, of)}`);
    return { job, name: names.name, position: 0, of, isOurs: true };
  } catch (error) {
    for (const one of pack) await removeJob(one.place, null, true);
    throw new Error(slurmTexts.refused(reasonOf(error)), { cause: error });
  }
}

/** Takes back what is still ahead of a job: where it has ended, or so that it ends before the next measurement. */
export async function release({ batch, after }: Pick<ByJob, 'batch' | 'after'>, job: string): Promise<void> {
  for (const task of after) {
    const place = jobPlace(batch.workspaceRoot, task);
    if ((await readJob(place.file))?.job !== job) return;
    await removeJob(place, job, true);
  }
}

const jobNames = ({ name, comment }: JobPlace): Pick<JobFile, 'name' | 'comment'> => ({ name, comment });

// The limits of a whole run are kept by the process that submits, and the runner on the node is the node itself.
const contentOf = (
  { batch: { workspaceRoot, supervisor } }: ByJob,
  task: MeasureTask,
  ofJob: Pick<JobFile, 'name' | 'comment' | 'job' | 'position' | 'of'>,
): JobFile => ({
  workspaceRoot,
  supervisor,
  ...ofJob,
  task: { ...task, execution: { ...task.execution, runner: 'local', budget_s: null, until: null } },
});
