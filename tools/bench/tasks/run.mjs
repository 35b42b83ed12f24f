import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, medianRatio } from '../statistics.mjs';
import { nxStudy, plan } from './nx-study.mjs';
import { stockNx } from './stock-nx.mjs';
import { snakemake } from './snakemake.mjs';

/** Times a study of `count` trivial measurements against peers in the same run, and prints a Markdown table. */
export function benchTasks(count, pairs) {
  const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const peers = [nxStudy, stockNx, snakemake].map((peer) => ({
      ...peer,
      ...peer.prepare(join(home, peer.key), count),
    }));
    const runnable = peers.filter(({ unavailable }) => !unavailable);
    const times = new Map(runnable.map(({ key }) => [key, { cold: [], cached: [] }]));
    for (let round = 0; round < pairs; round += 1) {
      for (const { key, clean, command } of runnable) {
        clean();
        times.get(key).cold.push(seconds(command));
        times.get(key).cached.push(seconds(command));
        console.error(
          `round ${round + 1}: ${key} cold ${times.get(key).cold.at(-1).toFixed(1)} s, again ${times.get(key).cached.at(-1).toFixed(1)} s`,
        );
      }
    }
    console.log(
      `| ${count} trivial measurements, one after another | cold | all done already | cold, as a ratio | done, as a ratio |`,
    );
    console.log('|---|---|---|---|---|');
    const ours = times.get(nxStudy.key);
    for (const { key, title, unavailable } of peers) {
      const own = times.get(key);
      if (!own) console.log(`| ${title} | not run: ${unavailable} | | | |`);
      else
        console.log(
          `| ${title} | ${median(own.cold).toFixed(1)} s | ${median(own.cached).toFixed(1)} s | ${ratio(own.cold, ours.cold)} | ${ratio(own.cached, ours.cached)} |`,
        );
    }
    console.log(`\nplan of ${plan.measurements.toLocaleString('en-US')} measurements: ${plan.seconds().toFixed(2)} s`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Wall time of a command that has to succeed. */
function seconds({ file, args, cwd, env }) {
  const begin = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  return (performance.now() - begin) / 1000;
}

const ratio = (theirs, ours) => `${medianRatio(theirs, ours).toFixed(2)} ×`;
