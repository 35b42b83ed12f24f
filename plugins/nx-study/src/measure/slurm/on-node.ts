import { isDeepStrictEqual } from 'node:util';
import type { MeasureTask } from '../../graph/task.ts';
import { outcomeOf, readJob, writeOutcome } from './job-file.ts';
import type { JobFile, NodeOutcome } from './job-file.ts';

/** A measurement of this job: its file, and what that said when the job began. */
interface Wanted {
  file: string;
  content: JobFile;
}

type Said = Pick<NodeOutcome, 'success' | 'status' | 'final' | 'text'> & { task: MeasureTask };

interface OnNode {
  job: string;
  /** The name that Slurm has for the node; null where that is not known. */
  node: string | null;
  /** As `runTasks`. */
  measure: (workspaceRoot: string, tasks: MeasureTask[]) => AsyncIterable<Said>;
}

/**
 * Measures what the files of a job name, in their order, and writes the outcome of each beside its file. Returns whether all
 * succeeded. It ends before a measurement that was taken back, or that another job has by now, and at one that failed: whoever
 * submitted the job decides what comes after that. One that is refused ahead of its turn keeps nothing before it from being measured.
 */
export async function measureOnNode(wanted: readonly Wanted[], { job, node, measure }: OnNode): Promise<boolean> {
  const left = new Map(wanted.map((one) => [one.content.task.id, one]));
  const failed = new Set<string>();
  const tasks = wanted.map(({ content }) => content.task);
  for await (const { task, ...outcome } of measure(wanted[0]!.content.workspaceRoot, tasks)) {
    await writeOutcome(outcomeOf(left.get(task.id)!.file), { ...outcome, job, node });
    if (outcome.success) left.delete(task.id);
    else failed.add(task.id);
    const [next] = left.values();
    if (next !== undefined && (failed.has(next.content.task.id) || !(await isStillOf(job, next)))) break;
  }
  return left.size === 0;
}

async function isStillOf(job: string, { file, content }: Wanted): Promise<boolean> {
  const now = await readJob(file);
  // A job may begin before the run that submits it has noted its number.
  return now !== null && (now.job ?? job) === job && isDeepStrictEqual(now.supervisor, content.supervisor);
}
