import type { Json } from '../../base/json.ts';
import { signedFixed } from '../../base/numbers.ts';
import type { Finding } from '../../record/schema.ts';
import { FOREIGN_LOAD, OVERLOADED, NOT_SETTLED } from './load-findings.ts';

/** Why a result of the right shape is refused. `where`: `workload 0, iteration 3, sequence 1`. */
export const refusals = {
  setting: (name: string, asked: Json, effective: Json) =>
    `"${name}": ${JSON.stringify(asked)} was asked for, but ${JSON.stringify(effective)} was in effect. Ask for what the engine can do`,
  newTokens: (asked: number, produced: number, where: string) =>
    `${asked} new tokens were asked for, but ${produced} were produced (${where}): a sequence must neither stop early nor go on`,
  promptTokens: (asked: number, read: number, where: string) =>
    `prompts of ${asked} tokens were asked for, but one of ${read} was read (${where})`,
  batch: (asked: number, ran: number, where: string) =>
    `a batch of ${asked} was asked for, but ${ran} sequences ran (${where})`,
  stamps: (tokens: number, stamps: number, where: string) =>
    `${tokens} tokens were produced, but ${stamps} have a time (${where})`,
  stampLists: (batch: number, lists: number, where: string) =>
    `times are needed for each of the ${batch} sequences, or once for all, but there are ${lists} lists (${where})`,
  noSuccess: (all: number, first: { type: string; message: string }, where: string) =>
    `none of ${all} requests succeeded (${where}); the first that did not end as asked (${first.type}): ${first.message}`,
  lengths: (others: number, all: number, first: string, where: string) =>
    `${others} of ${all} requests have another length than asked (${where}), more than have it; the first: ${first}. Let the server go on after an end-of-sequence token (\`ignore_eos\`), or allow shorter answers (\`length: at-most\`)`,
  backwards: (earlier: number, later: number, where: string) =>
    `time runs backwards: ${later} s after ${earlier} s (${where})`,
};

/** Findings that a reader must know before using the numbers of an LLM measurement. */
export const inferenceFindings = {
  drift: (percent: number, calls: number): Finding => ({
    code: 'drift',
    message: `it became ${percent > 0 ? 'slower' : 'faster'} while it was measured: ${signed(percent)} % over ${calls} calls. Warm up longer, or see what else the machine did`,
  }),
  servedDrift: (percent: number, requests: number): Finding => ({
    code: 'drift',
    message: `requests became ${percent > 0 ? 'slower' : 'faster'} while it was measured: ${signed(percent)} % over ${requests} requests. Let the load settle longer (settle.min_s), or see what else the server does`,
  }),
  unsteadyRate: (percent: number): Finding => ({
    code: 'unsteady-rate',
    message: `the server was not at a steady rate: it changed by ${signed(percent)} % within the window in which the asked load was kept. Let the load settle longer (settle.min_s), or see what else the server does`,
  }),
  notConverged: (cv: number | null, target: number | null): Finding => ({
    code: 'not-converged',
    message: `the warm-up ended before its calls were alike${cv === null ? '' : ` (variation ${cv.toFixed(3)}, target ${target})`}: raise warmup.max_iterations and warmup.max_s, or read with care`,
  }),
  capped: {
    code: 'capped',
    message: 'measure.max_s ended it before it had the calls and the duration asked for',
  },
  slowFirst: (first: number, median: number): Finding => ({
    code: 'slow-first-iteration',
    message: `the first measured call took ${first.toFixed(3)} s, the median one ${median.toFixed(3)} s: warm up longer`,
  }),
  coldUnverified: {
    code: 'cold-unverified',
    message: 'a cold start was asked for, but it could not be seen that the page cache held nothing of the model',
  },
  energyBelowIdle: {
    code: 'energy-below-idle',
    message:
      'it used less energy than the same time of idling would have: the idle baseline was disturbed, so the adjusted energy means nothing',
  },
  sharedProcess: {
    code: 'shared-process',
    message:
      'its workloads were measured one after another in one process: they have one load, and memory that an earlier one left allocated counts for the later ones',
  },
  syntheticWeights: {
    code: 'synthetic-weights',
    message: 'the weights are random: speed, memory and energy mean something, the text does not',
  },
  settingDiffers: (name: string, asked: Json, effective: Json): Finding => ({
    code: 'setting-differs',
    message: `"${name}": ${JSON.stringify(asked)} was asked for, ${JSON.stringify(effective)} was in effect`,
  }),
  incompleteRequests: (incomplete: number, all: number, types: string): Finding => ({
    code: 'incomplete-requests',
    message: `${incomplete} of ${all} requests did not end as asked${types && ` (${types})`}; the times are those of the others`,
  }),
  tokensUncounted: (uncounted: number, all: number): Finding => ({
    code: 'tokens-uncounted',
    message: `the new tokens of ${uncounted} of ${all} successful requests are unknown, for the server sent no usage with them, or none that counts them all: rates of tokens may be missing, and times per token are those of the others. Give \`tokenizer\``,
  }),
  heldBack: (held: number, all: number): Finding => ({
    code: 'held-back',
    message: `${held} of ${all} answers arrived at once: something between the server and here holds streams back, or a stall did. Times per token are those of the others; the first token of these answers counts as late as it came`,
  }),
  timesPerTokenOfSome: (unknown: number, all: number): Finding => ({
    code: 'tpot-of-some',
    message: `the time per token of ${unknown} of ${all} answers is not known: they had fewer chunks than tokens, and nothing tells how many the first one held. The times per token are those of the others, which are a selection. Give \`tokenizer\`, or use a server that counts along (stream_options.continuous_usage_stats)`,
  }),
  chunksAsTokens: {
    code: 'chunks-as-tokens',
    message:
      'an older version of the worker took each chunk for one token: where chunks held several, rates of tokens are too low and times per token too long. Measure it again',
  },
  countsDiffer: (theirs: number, ours: number, requests: number): Finding => ({
    code: 'counts-differ',
    message: `the server counts ${theirs} new tokens in ${requests} requests, the tokenizer ${ours} in their text (${signed((100 * (theirs - ours)) / ours)} %): tokens without text, or the tokenizer of another model. The server's count is used`,
  }),
  promptsDiffer: (read: number, sent: number, requests: number): Finding => ({
    code: 'prompts-shortened',
    message: `prompts of ${sent} tokens were sent in ${requests} requests, but the server counts ${read}: it cuts them, leaves cached tokens out of its count, or has another tokenizer`,
  }),
  prefixHitsDiffer: (expected: number, told: number): Finding => ({
    code: 'prefix-hits-differ',
    message: `${expected.toFixed(1)} % of the prompt tokens were read before in this workload, as the study asks, and the server took ${told.toFixed(1)} % from a cache: it forgets beginnings, caches none, or had more to share`,
  }),
  lateEnds: (late_s: number, duration_s: number): Finding => ({
    code: 'late-ends',
    message: `answers were over ${late_s.toFixed(3)} s after their last token (median; up to there a request took ${duration_s.toFixed(3)} s): a user sends the next request only then, so rates of a closed loop contain these pauses`,
  }),
  noWindow: (reason: string): Finding => ({
    code: 'window-short',
    message: `the asked load was never kept (${reason}), so there are no rates of it: ask for more requests (measure.requests) or more time (measure.min_s)`,
  }),
  windowShort: (window_s: number, duration_s: number, fewest: number): Finding => ({
    code: 'window-short',
    message: `the asked load was kept for ${window_s.toPrecision(3)} s, while a request took ${duration_s.toPrecision(3)} s: rates of fewer than ${fewest} such times depend on where the window begins and ends. Ask for more requests (measure.requests) or more time (measure.min_s)`,
  }),
  windowFew: (due: number, window_s: number, fewest: number): Finding => ({
    code: 'window-short',
    message: `only ${due} ${due === 1 ? 'request was' : 'requests were'} due within the ${window_s.toPrecision(3)} s of the window: rates of fewer than ${fewest} are chance. Ask for more requests (measure.requests) or more time (measure.min_s)`,
  }),
  notSettled: (late_s: number): Finding => ({
    code: NOT_SETTLED,
    message: `requests of the first half of settling were under way for another ${late_s.toPrecision(3)} s when measuring began: the first measured ones had less than the asked load. Let it settle longer (settle.min_s), or ask for a lower rate`,
  }),
  overloaded: ({ asked, served, waiting, skipped }: Overloaded): Finding => ({
    code: OVERLOADED,
    message: `the server fell behind further and further: ${asked.toPrecision(3)} requests/s were asked, ${served.toPrecision(3)} served, and ${waiting} were under way at the last arrival. Its times are those of a growing queue, and depend on how long it was measured${skipped === 0 ? '' : `; ${skipped} ${skipped === 1 ? 'workload' : 'workloads'} with a load that is no lower ${skipped === 1 ? 'was' : 'were'} skipped`}`,
  }),
  foreignTokens: (generated: number, most: number, seconds: number): Finding => ({
    code: FOREIGN_LOAD,
    message: `the server generated ${generated} tokens within ${seconds.toPrecision(3)} s of the window, our requests got ${Math.ceil(most)} at most: others used it meanwhile, and its times are those of both loads`,
  }),
  foreignRequests: (more: number, readings: number, most: number): Finding => ({
    code: FOREIGN_LOAD,
    message: `in ${more} of ${readings} readings of its state the server had more requests than were ours, up to ${most}: others used it meanwhile, and its times are those of both loads`,
  }),
  countersFell: (times: number, first: string): Finding => ({
    code: 'counters-fell',
    message: `counters of the server fell ${times === 1 ? 'once' : `${times} times`} while it was measured (${first}): it began anew, with empty caches, or several servers answer by turns. What it told of itself, and others' load on it, are not known over that time`,
  }),
  newConnections: (opened: number, all: number): Finding => ({
    code: 'new-connections',
    message: `${opened} of ${all} requests had to open their connection, which is in their times: the server closed others, or more were under way than before. The others used open ones`,
  }),
  serverChanged: (server: string, changes: { key: string; values: { value: string; ids: string[] }[] }[]): Finding => ({
    code: 'server-changed',
    message: `the server (${server}) was not the same for all measurements: ${several(
      changes.map(
        ({ key, values }) =>
          `${key} ${values.map(({ value, ids }) => `${shortened(value)} (${several(ids, 3)})`).join(' or ')}`,
      ),
      4,
      '; ',
    )}. A server is no part of a measurement's identity: measure again what should be compared`,
  }),
} satisfies Record<string, Finding | ((...values: never[]) => Finding)>;

/** Why the work of a token, or its share of a peak, is not known. */
export const workTexts = {
  notNoted: 'the record has no note of the model: its worker declares no `memory`, or an earlier version measured it',
  split: 'a part of the weights is not on the GPU',
  packing: (name: string) => `engines differ in how ${name} packs weights`,
  mixture: 'the weights are of several types, and a token reads only those of the chosen experts',
  batchOfMixture: 'which experts a batch reads depends on its tokens',
  table: 'how many bytes the table of input vectors takes is not known',
  compute: 'the result does not say in which type it computed',
  mixedTypes: (engine: string, weights: string | null) =>
    `${engine} multiplies weights in the type that suits each of theirs${weights === null ? '' : ` (${weights})`}, and quantised ones as whole numbers of 8 bits or as floats, by device and size: the peak of a single type says nothing of it`,
  mixed: (name: string) => `with ${name} it computes in several types`,
  noPeak: (what: string) => `no peak of ${what} is known: give \`report.peak\` in study.yaml`,
  gpus: 'the machine has different GPUs, and which one was used is not known',
  partitioned: 'the GPU is divided (MIG), so its peak is not that of the whole',
  noGpus: (reason: string) => `which GPU it was is not known: ${reason}`,
};

interface Overloaded {
  asked: number;
  served: number;
  waiting: number;
  skipped: number;
}

const signed = (value: number): string => signedFixed(value, 1);

const MOST_OF_A_VALUE = 80;
const shortened = (text: string): string =>
  text.length > MOST_OF_A_VALUE ? `${text.slice(0, MOST_OF_A_VALUE)}…` : text;

const several = (items: readonly string[], most: number, between = ', '): string =>
  items.length > most
    ? `${items.slice(0, most).join(between)}${between}and ${items.length - most} more`
    : items.join(between);

export const sloTexts = {
  /** `ends`: the share if all of these missed, and if all met. */
  selected: (count: number, all: number, ends: readonly [number, number]) =>
    `${count} of ${all} requests are undetermined, and others of their kind are not: the share lies between ${ends.map((end) => end.toFixed(3)).join(' and ')}`,
};
