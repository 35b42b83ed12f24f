import { reasonOf } from '../evidence.ts';
import { absent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Iteration, OfflineWorkload } from './schema.ts';
import type { Series } from './series.ts';
import { highest, inverse } from './statistics.ts';
import { sum } from '../../base/sum.ts';

/** The series of times and rates of batches that an engine ran one after another, the most important first. */
export function offlineSeries(workload: OfflineWorkload, reasons: Record<string, string>, path: string): Series[] {
  const { generate, prefill } = workload;
  const of: OfIterations = (pick, none) => {
    const values = generate.flatMap(pick);
    return values.length > 0 ? values : absent(none);
  };
  const passes = prefill.filter(({ elapsed_s }) => elapsed_s > 0);
  const perPass: OfPasses = (value) =>
    passes.length > 0 ? passes.map(value) : absent(reasonOf(reasons, `${path}.prefill`) ?? 'there was no prefill pass');
  return [...mainSeries(of, perPass), ...otherSeries(of, perPass)];
}

/** Values of all calls, or why there are none. */
type OfIterations = (pick: (iteration: Iteration) => number[], none: string) => number[] | Absent;

/** A value of each prefill pass, or why there is none. */
type OfPasses = (value: (pass: Pass) => number) => number[] | Absent;

const noDecode = 'one new token per sequence, so there is nothing after the first';

const mainSeries = (of: OfIterations, perPass: OfPasses): Series[] => [
  {
    name: 'ttft',
    unit: 's',
    label: 'TTFT',
    main: true,
    description: 'time from the start of a call to the first new token of a sequence',
    values: of(({ token_times_s }) => token_times_s.flatMap((times) => times.slice(0, 1)), 'no new token'),
  },
  {
    name: 'prefill',
    unit: 'tok_s',
    label: 'prefill',
    main: true,
    description: 'rate of a prefill pass: prompt tokens of the batch / its prefill time',
    values: perPass(({ prompt_tokens, elapsed_s }) => sum(prompt_tokens) / elapsed_s),
  },
  {
    name: 'decode',
    unit: 'tok_s',
    label: 'decode',
    main: true,
    description:
      "rate of decoding: tokens of the batch after the last sequence's first one / the time that they took (decode_s)",
    values: of(decodeRate, noDecode),
  },
  {
    name: 'tpot',
    unit: 's',
    label: 'TPOT',
    main: true,
    description: 'time per output token of a sequence after its first: (last − first) / (new tokens − 1)',
    values: of(({ token_times_s }) => token_times_s.flatMap(perTokenAfterFirst), noDecode),
  },
  {
    name: 'output',
    unit: 'tok_s',
    label: 'output',
    main: true,
    description: 'rate of output: new tokens of the batch / duration of the call (e2e_s)',
    values: of((one) => rate(sum(one.new_tokens), endOf(one)), 'no new token'),
  },
];

const otherSeries = (of: OfIterations, perPass: OfPasses): Series[] => [
  {
    name: 'e2e',
    main: false,
    unit: 's',
    label: 'e2e',
    description: 'duration of a call: from its start to the last token of its last sequence',
    values: of((one) => [endOf(one)], 'no iteration'),
  },
  {
    name: 'prefill',
    main: false,
    unit: 's',
    label: 'prefill',
    description: 'duration of a pass over the prompts of the batch',
    values: perPass(({ elapsed_s }) => elapsed_s),
  },
  {
    name: 'decode',
    main: false,
    unit: 's',
    label: 'decode',
    description: "time of a call after the last sequence's first token",
    values: of((one) => (endOf(one) > prefilled(one) ? [endOf(one) - prefilled(one)] : []), noDecode),
  },
  {
    name: 'ntpot',
    main: false,
    unit: 's',
    label: 'NTPOT',
    description: 'time per output token of a sequence, the first one and its prompt included: last / new tokens',
    values: of(({ token_times_s }) => token_times_s.flatMap(perToken), 'no new token'),
  },
  {
    name: 'itl',
    main: false,
    unit: 's',
    label: 'ITL',
    description: 'gap between consecutive tokens of a sequence, all sequences pooled',
    values: of(({ token_times_s }) => token_times_s.flatMap(gaps), noDecode),
  },
  {
    name: 'per_user',
    main: false,
    unit: 'tok_s',
    label: 'per user',
    description: 'rate at which one sequence gets tokens: 1 / time per output token after its first',
    values: of(({ token_times_s }) => inverse(token_times_s.flatMap(perTokenAfterFirst)), noDecode),
  },
  {
    name: 'total',
    main: false,
    unit: 'tok_s',
    label: 'total',
    description: 'rate of all tokens: prompt and new tokens of the batch / duration of the call (e2e_s)',
    values: of((one) => rate(sum(one.new_tokens) + sum(one.prompt_tokens), endOf(one)), 'no new token'),
  },
];

/** Duration of each call, in order. */
export const callDurations = ({ generate }: OfflineWorkload): number[] => generate.map(endOf);

const endOf = ({ token_times_s }: Iteration): number => highest(token_times_s.map((times) => times.at(-1) ?? 0));

/** When the last sequence had its first token. */
const prefilled = ({ token_times_s }: Iteration): number => highest(token_times_s.map((times) => times[0] ?? 0));

// Sequences that are ahead decode while others still read their prompts: those tokens are not of the same time.
function decodeRate(iteration: Iteration): number[] {
  const from = prefilled(iteration);
  const lists = iteration.token_times_s;
  const perList = iteration.new_tokens.length / lists.length;
  const tokens = sum(lists.map((times) => times.filter((time) => time > from).length)) * perList;
  return tokens > 0 ? rate(tokens, endOf(iteration) - from) : [];
}

const rate = (tokens: number, elapsed_s: number): number[] => (elapsed_s > 0 ? [tokens / elapsed_s] : []);

/** Of a sequence: (last − first) / (new tokens − 1), in s; none for a single token. */
export const perTokenAfterFirst = (times: readonly number[]): number[] =>
  times.length > 1 ? [(times.at(-1)! - times[0]!) / (times.length - 1)] : [];

const perToken = (times: number[]): number[] => (times.length > 0 ? [times.at(-1)! / times.length] : []);

export const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - times[index]!);

type Pass = OfflineWorkload['prefill'][number];
