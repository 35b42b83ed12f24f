import { readJob, outcomeOf, writeOutcome } from './slurm/job-file.ts';
import { runTasks } from './run/run.ts';

// A job of Slurm runs this program with the path of its file: it measures the task in that, as a local run would.
const file = process.argv[2]!;
const job = await readJob(file);
if (job === null) {
  process.stderr.write(`${file} is gone, or can't be read: nothing was measured\n`);
  process.exit(1);
}
let success = false;
for await (const { task: _, ...outcome } of runTasks(job.workspaceRoot, [job.task], { isPart: true })) {
  success = outcome.success;
  await writeOutcome(outcomeOf(file), outcome);
}
// Slurm shows how it ended. A stop has set a code of its own.
process.exitCode ||= success ? 0 : 1;
process.exit();
