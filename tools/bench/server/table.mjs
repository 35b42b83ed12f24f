import { median } from '../statistics.mjs';
import { FIRST_S, GAP_S, TOKENS, tokenGap_s } from './shape.mjs';

export const nameOf = ({ load: { mode, concurrency, rate_per_s }, perChunk }) =>
  `${mode === 'closed' ? `closed ${concurrency}` : `open ${rate_per_s}/s`}${perChunk === 1 ? '' : `, ${perChunk} tokens a chunk`}`;

/** What a number stands for: the value of a round of a case; `start`: what the tool takes for a start with few requests. */
const COLUMNS = [
  ['% of ideal', 1, ({ tok_s, ideal_tok_s }) => (100 * tok_s) / ideal_tok_s],
  ['TTFT error p50, ms', 1, ({ ttft_p50_s }) => 1000 * (ttft_p50_s - FIRST_S)],
  ['p99', 1, ({ ttft_p99_s }) => 1000 * (ttft_p99_s - FIRST_S)],
  ['TPOT error p50, ms', 2, ({ tpot_p50_s }, { perChunk }) => 1000 * (tpot_p50_s - tokenGap_s(perChunk))],
  ['p99', 2, ({ tpot_p99_s }, { perChunk }) => 1000 * (tpot_p99_s - tokenGap_s(perChunk))],
  ['CPU, µs/token', 1, cpuOfToken_us],
  ['most in flight', 0, ({ seen }) => seen.most_in_flight],
  ['client lag p99, ms', 1, ({ lag_p99_s = NaN }) => 1000 * lag_p99_s],
  ["server's CPU, µs/token", 1, ({ seen }) => (1e6 * seen.cpu_s) / seen.tokens],
  ["server's lateness p99, ms", 2, ({ seen }) => seen.late_p99_ms],
];

/** Beyond a start; unknown for so few tokens that the start is most of it. */
function cpuOfToken_us({ cpu_s, start, seen }) {
  if (seen.tokens < 2 * start.tokens) return NaN;
  return (1e6 * (cpu_s - start.cpu_s)) / (seen.tokens - start.tokens);
}

/** Medians over the rounds; a dash where nothing is known, such as a percentile of too few requests. */
export function printTable(cases, starts) {
  console.log(`First token after ${1000 * FIRST_S} ms, then a chunk every ${1000 * GAP_S} ms, ${TOKENS} tokens.\n`);
  console.log(`| load | tool | ${COLUMNS.map(([title]) => title).join(' | ')} |`);
  console.log(`|---|---|${COLUMNS.map(() => '--:').join('|')}|`);
  for (const one of cases)
    for (const [tool, rounds] of one.rounds) {
      const cells = COLUMNS.map(([, digits, pick]) =>
        shown(
          rounds.map((round) => pick(round, one)),
          digits,
        ),
      );
      console.log(`| ${[nameOf(one), tool, ...cells].join(' | ')} |`);
    }
  const told = [...starts].map(
    ([tool, found]) =>
      `${tool} ${shown(
        found.map(({ cpu_s }) => cpu_s),
        1,
      )} s for ${shown(
        found.map(({ seen }) => seen.tokens),
        0,
      )} tokens`,
  );
  console.log(`\nCPU of a start with 16 users, which is taken off above, with its tokens: ${told.join('; ')}.`);
}

function shown(values, digits) {
  const known = values.filter(Number.isFinite);
  // Adding 0 takes the sign from a rounded zero.
  return known.length === 0 ? '–' : (Number(median(known).toFixed(digits)) + 0).toFixed(digits);
}
