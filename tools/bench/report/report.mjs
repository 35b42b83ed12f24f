// Prints {elapsed_s, cpu_s, rss_bytes}: one report of the study in a workspace, in a process of its own, without what Nx does before.
// Usage: node report.mjs ROOT STUDY
import report from '../../../plugins/nx-study/dist/commands/report/executor.js';

const [root, study] = process.argv.slice(2);
const print = console.log;
console.log = () => {};
const begin = performance.now();
const { success } = await report({ study, width: 120 }, { root });
if (!success) process.exit(1);
const { user, system } = process.cpuUsage();
print(
  JSON.stringify({
    elapsed_s: (performance.now() - begin) / 1000,
    cpu_s: (user + system) / 1e6,
    rss_bytes: process.resourceUsage().maxRSS * 1024,
  }),
);
