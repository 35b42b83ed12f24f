// Times a study of trivial measurements against peers in the same run, and prints a Markdown table.
// Usage: npm run bench -- [--measurements 1000] [--pairs 3]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nxStudy, plan } from './nx-study.mjs';
import { stockNx } from './stock-nx.mjs';
import { snakemake } from './snakemake.mjs';

const { values } = parseArgs({
  options: { measurements: { type: 'string', default: '1000' }, pairs: { type: 'string', default: '3' } },
});
const count = Number(values.measurements);
const pairs = Number(values.pairs);

execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs')], { stdio: 'inherit' });
const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
try {
  console.log(
    `${cpus().length} cores, load ${loadavg()[0].toFixed(1)} at the start, ${pairs} interleaved rounds, medians\n`,
  );
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

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** Median of the ratios round by round: the machine's speed drifts. */
function ratio(theirs, ours) {
  return `${median(theirs.map((time, round) => time / ours[round])).toFixed(2)} ×`;
}
