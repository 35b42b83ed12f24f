import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../statistics.mjs';
import { buildServer, withServer } from './exact.mjs';
import { ours } from './ours.mjs';
import { preparePeers } from './peers.mjs';
import { answer_s } from './shape.mjs';
import { nameOf, printTable } from './table.mjs';
import { writeTokenizer } from './tokenizer.mjs';

// Of all that a tool does besides: starting, making prompts, warming up, evaluating.
const PATIENCE_S = 240;
// A tool may start further processes for more users, up to ten. So few requests cost little.
const START = { load: { mode: 'closed', concurrency: 16 }, perChunk: 1 };
const START_ROUNDS = 1;

/**
 * Measures a server whose timing is exactly known by the worker `endpoint` and by its peers, in turns, and prints how far the numbers of each
 * are from the truth, and what they cost.
 * @param options.users - of closed loops. @param options.rates - of open loops, requests/s. @param options.perChunk - tokens in each chunk.
 * @param options.seconds - of each window. @param options.peers - `aiperf`, `guidellm`. @param options.mostPeerUsers - peers are not asked for more.
 * @param options.clientThreads - our worker is measured with each; none: with its own choice.
 */
export async function benchServer({ pairs, users, rates, perChunk, seconds, peers, mostPeerUsers, clientThreads }) {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const program = buildServer(folder);
    const tokenizer = join(folder, 'tokenizer');
    writeTokenizer(tokenizer);
    const own = (clientThreads.length === 0 ? [null] : clientThreads).map(ours);
    const others = await preparePeers(peers, tokenizer);
    const loads = [
      ...users.map((concurrency) => ({ mode: 'closed', concurrency })),
      ...rates.map((rate_per_s) => ({ mode: 'open', rate_per_s })),
    ];
    const cases = perChunk.flatMap((count) => loads.map((load) => ({ load, perChunk: count, rounds: new Map() })));
    const starts = new Map();
    const measure = (tool, { load, perChunk: count }, window_s) =>
      withServer(program, count, (server) =>
        tool.measure({ folder, server, load, perChunk: count, seconds: window_s, limit_s: PATIENCE_S + 3 * window_s }),
      );
    for (let round = 1; round <= pairs; round += 1) {
      for (const tool of [...own, ...others])
        await noted(starts, tool.name, `round ${round}, start of ${tool.name}`, () =>
          measure(tool, START, START_ROUNDS * answer_s(1)),
        );
      for (const one of cases) {
        const few = (one.load.concurrency ?? 0) <= mostPeerUsers;
        for (const tool of few ? [...own, ...others] : own)
          await noted(one.rounds, tool.name, `round ${round}, ${nameOf(one)}, ${tool.name}`, () =>
            measure(tool, one, seconds),
          );
      }
    }
    for (const { rounds } of cases)
      for (const [name, found] of rounds) {
        const start = middleOf(starts.get(name));
        rounds.set(
          name,
          found.map((one) => ({ ...one, start })),
        );
      }
    printTable(cases, starts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The medians of several starts. */
const middleOf = (found) =>
  found.length === 0
    ? { cpu_s: NaN, tokens: NaN }
    : { cpu_s: median(found.map(({ cpu_s }) => cpu_s)), tokens: median(found.map(({ seen }) => seen.tokens)) };

/** Adds what `work` finds to the list of that name; a tool that fails leaves nothing, and the others go on. */
async function noted(lists, name, what, work) {
  const begin = Date.now();
  if (!lists.has(name)) lists.set(name, []);
  const end = () => `${((Date.now() - begin) / 1000).toFixed(0)} s, load ${loadavg()[0].toFixed(1)}`;
  try {
    lists.get(name).push(await work());
    console.error(`${what}: ${end()}`);
  } catch (error) {
    console.error(`${what}: failed after ${end()}: ${error.message}`);
  }
}
