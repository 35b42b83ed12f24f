import { readJob } from './slurm/job-file.ts';
import { measureOnNode } from './slurm/on-node.ts';
import { runTasks } from './run/run.ts';

// A job of Slurm runs this program with the paths of files: it measures the tasks in them, as a local run would.
const found = await Promise.all(process.argv.slice(2).map(async (file) => ({ file, content: await readJob(file) })));
const wanted = found.flatMap(({ file, content }) => (content === null ? [] : [{ file, content }]));
if (wanted.length === 0) {
  process.stderr.write(`${process.argv.slice(2).join(', ')}: gone, or can't be read: nothing was measured\n`);
  process.exit(1);
}
const { SLURM_JOB_ID: job = '', SLURMD_NODENAME: node = null } = process.env;
const measure: Parameters<typeof measureOnNode>[1]['measure'] = (root, tasks) =>
  runTasks(root, tasks, { isPart: true });
const isDone = await measureOnNode(wanted, { job, node, measure });
// Slurm shows how it ended. A stop has set a code of its own.
process.exitCode ||= isDone ? 0 : 1;
process.exit();
