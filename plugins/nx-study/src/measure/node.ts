import { existsSync } from 'node:fs';
import { outcomeOf, readJob, writeOutcome } from './slurm/job-file.ts';
import { runTasks } from './run/run.ts';

// A job of Slurm runs this program with the paths of files: it measures the tasks in them, as a local run would.
const found = await Promise.all(process.argv.slice(2).map(async (file) => ({ file, content: await readJob(file) })));
const wanted = found.flatMap(({ file, content }) => (content === null ? [] : [{ file, content }]));
if (wanted.length === 0) {
  process.stderr.write(`${process.argv.slice(2).join(', ')}: gone, or can't be read: nothing was measured\n`);
  process.exit(1);
}
const { SLURM_JOB_ID: job = '', SLURMD_NODENAME: node = null } = process.env;
const left = new Map(wanted.map(({ file, content }) => [content.task.id, file]));
const tasks = wanted.map(({ content }) => content.task);
for await (const { task, ...outcome } of runTasks(wanted[0]!.content.workspaceRoot, tasks, { isPart: true })) {
  await writeOutcome(outcomeOf(left.get(task.id)!), { ...outcome, job, node });
  // Whoever submitted it decides what comes after a failure, by what Slurm says of a job that ended with that.
  if (!outcome.success) break;
  left.delete(task.id);
  const [next] = left.values();
  if (next !== undefined && !existsSync(next)) break;
}
// Slurm shows how it ended. A stop has set a code of its own.
process.exitCode ||= left.size === 0 ? 0 : 1;
process.exit();
