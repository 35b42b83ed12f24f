import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { idleNx } from '../idle-nx.mjs';
import { meanRatio, median, variation } from '../statistics.mjs';
import { measureByHand } from './by-hand.mjs';
import { measureSupervised, prepareStudies } from './supervised.mjs';

// Both ways of counting, by process and by CPU, agree to a percent or two.
const DISTURBED_CORES = 0.1;

/** Measures the same load supervised, with all watches on, and started by hand, in turns; prints two tables. */
export async function benchSupervision({ rounds, seconds, cpus }) {
  const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const root = join(home, 'workspace');
    prepareStudies(root, rounds + 1, { seconds, cpus });
    // The first one only makes the request, and the load beside which an idle process of Nx is measured: where nobody
    // else runs, one that wakes up often costs less.
    const [{ directory }, idle_cores] = await Promise.all([measureSupervised(root, rounds + 1, seconds), idleNx()]);
    const request = join(directory, 'request.json');
    const results = { supervised: [], byHand: [] };
    const ways = {
      supervised: (round) => measureSupervised(root, round, seconds),
      byHand: () => measureByHand(home, request, seconds),
    };
    for (let round = 1; round <= rounds; round += 1) {
      // Whoever comes first has the cooler machine: the order turns around.
      const order = Object.keys(ways);
      for (const way of round % 2 === 0 ? order.toReversed() : order) {
        const result = await ways[way](round);
        results[way].push(result);
        console.error(
          `round ${round}: ${way}: ${JSON.stringify({ ...result.rates, ...result.cores, strangers: result.strangers })}`,
        );
      }
    }
    console.log(`A load on ${cpus} of ${availableParallelism()} cores.\n`);
    printCores(results.supervised, idle_cores, seconds);
    printRates(results);
    tellWatches(results.supervised.at(-1).record);
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

/** By pairs, and without those that others disturbed. */
function printRates({ supervised, byHand }) {
  const isQuiet = (_, round) => Math.max(supervised[round].strangers, byHand[round].strangers) < DISTURBED_CORES;
  const quiet = { supervised: supervised.filter(isQuiet), byHand: byHand.filter(isQuiet) };
  console.log(
    `In ${quiet.byHand.length} of ${byHand.length} pairs others took less than ${DISTURBED_CORES} of a core:\n`,
  );
  if (quiet.byHand.length < 2) return console.log('Too few to compare.');
  console.log('| rate | supervised, as a ratio | its 95 % interval | runs by hand scatter by | the difference is |');
  console.log('|---|---|---|---|---|');
  for (const name of Object.keys(byHand[0].rates)) {
    const of = (results) => results.map(({ rates }) => rates[name]);
    const { ratio, low, high } = meanRatio(of(quiet.supervised), of(quiet.byHand));
    const noise = variation(of(quiet.byHand));
    const verdict = Math.abs(ratio - 1) < noise ? 'less than that' : 'more than that';
    console.log(
      `| ${name} | ${ratio.toFixed(4)} × | ${low.toFixed(4)} to ${high.toFixed(4)} | ${percent(noise)} % | ${verdict} |`,
    );
  }
}

/** Which watches ran, and what this machine lacks for others. */
function tellWatches({ watch, findings, phases, sleep_inhibition }) {
  console.log(`\nWatched, as the last record says: phases ${phases.map(({ phase }) => phase).join(', ')};`);
  console.log(
    `neighbours in ${watch.samples} looks; throttling: ${watch.cpu_throttled_s ?? watch.missing.cpu_throttled_s};`,
  );
  console.log(`GPU: ${watch.gpu_throttled_s ?? watch.missing.gpu_throttled_s};`);
  console.log(`sleep: ${sleep_inhibition.value ?? sleep_inhibition.reason};`);
  console.log(`findings: ${findings.map(({ code }) => code).join(', ') || 'none'}.`);
}

const percent = (cores) => (cores * 100).toFixed(2);
const range = (numbers, text) => `${text(Math.min(...numbers))} to ${text(Math.max(...numbers))}`;
