import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { idleNx } from '../idle-nx.mjs';
import { mean, meanRatio, median, variation } from '../statistics.mjs';
import { measureByHand } from './by-hand.mjs';
import { measureSupervised, prepareStudies } from './supervised.mjs';

/** Measures the same load supervised, with all watches on, and started by hand, in turns; prints two tables. */
export async function benchSupervision(rounds, seconds) {
  const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const root = join(home, 'workspace');
    prepareStudies(root, rounds + 1, seconds);
    // The first one only makes the request, and the load beside which an idle process of Nx is measured: where nobody
    // else runs, one that wakes up often costs less.
    const [{ directory }, idle_cores] = await Promise.all([measureSupervised(root, rounds + 1, seconds), idleNx()]);
    const request = join(directory, 'request.json');
    const results = { supervised: [], byHand: [] };
    const ways = {
      supervised: (round) => measureSupervised(root, round, seconds),
      byHand: () => measureByHand(home, request),
    };
    for (let round = 1; round <= rounds; round += 1) {
      // Whoever comes first has the cooler machine: the order turns around.
      const order = Object.keys(ways);
      for (const way of round % 2 === 0 ? order.toReversed() : order) {
        const result = await ways[way](round);
        results[way].push(result);
        console.error(
          `round ${round}, load ${loadavg()[0].toFixed(1)}: ${way}: ${JSON.stringify({ ...result.rates, ...result.cores })}`,
        );
      }
    }
    printCores(results.supervised, idle_cores, seconds);
    printRates(results);
    tellWatches(results.supervised);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function printCores(supervised, idle_cores, seconds) {
  const of = (name) => supervised.map(({ cores }) => cores[name]);
  const own = supervised.map(({ cores: { executor, logger, others } }) => executor - logger + others);
  console.log(`| CPU time in ${seconds} s, % of a core | median | from, to |`);
  console.log('|---|---|---|');
  const row = (title, cores) =>
    console.log(`| ${title} | ${percent(median(cores))} | ${cores.length > 1 ? range(cores, percent) : ''} |`);
  row("supervision: the executor without Nx's logger, the guard and all else but Nx and the worker", own);
  row("the thread of Nx's logger in the executor", of('logger'));
  row('`nx run-many`, which waits', of('coordinator'));
  row('a process that has loaded Nx and does nothing', [idle_cores]);
  console.log('');
}

function printRates(results) {
  console.log('| rate | supervised, as a ratio | its 95 % interval | single runs by hand scatter by | verdict |');
  console.log('|---|---|---|---|---|');
  for (const name of Object.keys(results.supervised[0].rates)) {
    const [supervised, byHand] = ['supervised', 'byHand'].map((way) => results[way].map(({ rates }) => rates[name]));
    const { ratio, low, high } = meanRatio(supervised, byHand);
    const noise = variation(byHand);
    const verdict = Math.abs(ratio - 1) < noise ? 'within the noise' : 'beyond the noise';
    console.log(
      `| ${name} | ${ratio.toFixed(4)} × | ${low.toFixed(4)} to ${high.toFixed(4)} | ${(noise * 100).toFixed(2)} % | ${verdict} |`,
    );
  }
}

/** Shows that the watches ran. */
function tellWatches(supervised) {
  const { watch, findings, phases, sleep_inhibition } = supervised.at(-1).record;
  const looks = mean(supervised.map(({ record }) => record.watch.samples));
  const others = supervised.map(({ record }) => record.watch.others_cpu_cores.mean);
  console.log(
    `\nNeighbours were looked at ${looks} times on average, and used ${range(others, (cores) => cores.toFixed(2))} of a core.`,
  );
  console.log(
    `Phases ${phases.map(({ phase }) => phase).join(', ')}; throttling: ${watch.cpu_throttled_s ?? watch.missing.cpu_throttled_s};`,
  );
  console.log(
    `sleep: ${sleep_inhibition.value ?? sleep_inhibition.reason}; findings: ${findings.map(({ code }) => code).join(', ') || 'none'}.`,
  );
}

const percent = (cores) => (cores * 100).toFixed(2);
const range = (numbers, text) => `${text(Math.min(...numbers))} to ${text(Math.max(...numbers))}`;
