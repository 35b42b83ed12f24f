// Prints {load_s, first_s, again_s, cpu_s}: one status of the study in a workspace, in a process of its own.
// Usage: node look.mjs ROOT PLAN.json
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../workspace.mjs';

const [root, planFile] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const built = join(repository, 'plugins/nx-study/dist/commands/status');
const seconds = async (work) => {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
};

let openStatus, statusText;
const load_s = await seconds(async () => {
  // All that Nx loads of ours for it.
  await import(join(built, 'executor.js'));
  ({ openStatus } = await import(join(built, 'read.js')));
  ({ statusText } = await import(join(built, 'text.js')));
});
const cpu = process.cpuUsage();
const source = openStatus(root, 'large', plan);
const show = async () => statusText(await source.look(), 80, false);
const first_s = await seconds(show);
const { user, system } = process.cpuUsage(cpu);
const again_s = await seconds(show);
console.log(JSON.stringify({ load_s, first_s, again_s, cpu_s: (user + system) / 1e6 }));
