import { plural } from '../../base/layout.ts';

export type ServerMode = 'closed-loop' | 'open-loop';

/** A fact that is named. */
type Named = string | number | boolean | null;

const sized = { batch_size: 'batch size', prompt_tokens: 'prompt tokens', new_tokens: 'new tokens', load: 'load' };

const loads = { 'closed-loop': 'users at once', 'open-loop': 'requests per s' };

/** What workers write as a code. */
const REASONS: Record<string, string> = {
  no_gpu_no_rapl: 'the machine shows neither a GPU with a counter of energy nor RAPL',
  window_too_short: 'the window was too short for the counters',
  counter_did_not_move: 'the counter did not move',
  worker_remote: 'the server is measured from outside',
};

/** A code in words; of a code with words, the words. */
const inWords = (reason: string): string =>
  Object.hasOwn(REASONS, reason) ? REASONS[reason]! : reason.replace(/^[a-z_]+: /, '');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** All words that the page has for language models. */
export const llmTexts = {
  size: sized,
  on: (host: string) => `on ${host}`,
  noSuchNumber: 'its worker gives no such number',
  ttft: 'TTFT',
  tail: (label: string) => `${label} p99`,
  tpot: 'TPOT',
  itl: 'ITL',
  e2e: 'e2e',
  output: 'output',
  input: 'input',
  prefill: 'prefill',
  decode: 'decode',
  experiment: 'experiment',
  failed: 'failed',
  failedOf: (failed: number, all: number) => `${failed} of ${all}`,
  inTokensPerSecond: (label: string) => `${label}, tok/s`,
  higherIsBetter: 'higher is better',
  lowerIsBetter: 'lower is better',
  notDrawn: (names: string) => `Not drawn, as more would not be readable: ${names}.`,

  tradeOff: 'Throughput against latency',
  tradeOffFigure: 'What throughput costs in latency',
  howToReadTradeOff:
    'upper left is better: more tokens per second, and less to wait for. Bars are 95 % intervals over repetitions; one that goes on has an arrowhead. The stepped line joins the experiments that no other one beats in both. In an open loop latencies count from when a request was due.',
  describeTradeOff: 'Throughput of each experiment against its latency, one panel for each size of work and latency.',
  /** The length of prompts that are texts of a file, which nobody counted. */
  uncounted: 'texts',
  promptsOf: (lengths: string) => `prompts ${lengths}`,
  answersOf: (lengths: string) => `answers ${lengths}`,
  /** What defines a load beside its number. */
  shape: {
    arrival_cv: (value: Named) => `cv ${String(value)}`,
    think_s: (value: Named) => `think ${String(value)} s`,
    max_in_flight: (value: Named) => (value === null ? 'any number in flight' : `at most ${String(value)}`),
    trace: (value: Named) => `replay of ${String(value)}`,
  },
  work: (prompt: string, answer: string, isServed: boolean) =>
    `${isServed ? 'server, ' : ''}${prompt} prompt and ${answer} new tokens`,
  embedding: (prompt: string) => `server, ${prompt} tokens to embed`,
  noBoth: 'throughput or latency has no value',
  worksLeft: (works: string) =>
    `Alternatives are compared only where they do the same work, so these have no panel, or are more than fit: ${works}.`,
  front: (output: string, work: string, latency: string, { clear, behind, unclear }: FrontNames) =>
    `${capital(output)} against ${latency} (${work}): ${[
      ...(clear === '' ? [] : [`nothing is better in both than ${clear}`]),
      ...(behind === '' ? [] : [`something is better in both than ${behind}`]),
      ...(unclear === '' ? [] : [`not told apart from the front, as intervals overlap or are missing: ${unclear}`]),
    ].join('; ')}.`,
  frontOfMeans: (output: string, work: string, latency: string) =>
    `${capital(output)} against ${latency} (${work}): the front is that of the means alone, as there are too few repetitions for intervals.`,

  rates: (sizes: readonly string[]) => `Prefill and decode by ${sizes.join(' and ')}`,
  ratesBy: (sizes: readonly string[]) => `How fast prompts are read and tokens are made, by ${sizes.join(' and ')}`,
  howToReadLines:
    'a mark is the mean over repetitions, the band its 95 % interval (none below 3 repetitions). Rates are of the whole batch.',
  howToReadTiles:
    'the more a tile stands out from the page, the faster; each is the mean over repetitions. Rates are of the whole batch.',
  describeRates: 'Prefill and decode rates in tokens per second by the size of the batch and the length of the prompt.',

  load: 'Servers under load',
  loadOf: (mode: ServerMode) => loads[mode],
  ladder: (mode: ServerMode) =>
    mode === 'closed-loop'
      ? 'What more users do to throughput and latency'
      : 'What more requests per second do to throughput and latency',
  howToReadLadder:
    'a mark is the mean over repetitions, the band its 95 % interval (none below 3 repetitions). A ring: the server is saturated.',
  describeLadder: (output: string, wait: string) =>
    `Rate of ${output}, ${wait} and other latencies of servers by their load.`,
  saturated: 'saturated',
  theServer: 'The server',
  saturation: (
    name: string,
    mode: ServerMode,
    { output, wait, before, from, throughput, latency, isClear }: SaturationWords,
  ) =>
    `${name} ${isClear ? 'is saturated' : 'may be saturated'} from ${from} ${loads[mode]} on: from ${before} to ${from} ${output} goes from ${throughput.join(' to ')} tok/s, ${wait} from ${latency.join(' to ')} s${isClear ? '' : ' (by the means: their intervals overlap, or there are none)'}.`,
  notSaturated: (name: string, mode: ServerMode, lowest: number, highest: number) =>
    `${name} shows no saturation from ${lowest} to ${highest} ${loads[mode]}.`,
  saturationRule: (output: string, wait: string) =>
    `Saturated, by a rule that is chosen: the first step of the load of at least 10 % after which ${output} never is 5 % above that before the step, while ${wait} grows by more than the load does.`,
  kneeRule:
    'A load meets the targets when all its repetitions do, and an overloaded server misses them. The fit is isotonic over the loads, log-linear between two of them, and never goes beyond what was measured.',
  serverByLoad: 'What the server told of its own state, by load',
  howToReadServer:
    'a mark is the mean over repetitions, the band its 95 % interval (none below 3 repetitions). All is by the server’s own metrics, within the window in which the asked load was kept, and contains the requests of others.',
  describeServer: 'Requests that run and wait in the server, its cache, its queue and its prefill by its load.',
  allZero: (names: readonly string[]) => `0 at each load: ${names.join(', ')}.`,
  serverOverTime: 'What the server told of its own state, over time',
  howToReadOverTime:
    'each line is one process: of an experiment the first repetition, from before its settling to after its last request.',
  describeOverTime:
    'Requests that run and wait in the server, the used part of its cache, and its GPUs, over the time of a measurement.',
  gpuClock: 'clock of the GPUs',
  sinceFirst: 's since the first reading',
  serverPanels: {
    server_running: 'running in the server',
    server_waiting: 'waiting in the server',
    server_kv_percent: 'KV cache used',
    server_queue_s: 'time in the queue',
    server_prefill_s: 'time of prefill',
    server_preemptions: 'preemptions',
    server_prefix_hit_percent: 'prompt tokens from the prefix cache',
    server_accept_length: 'tokens a step of speculation',
    gpu_power_w: 'power of the GPUs',
    gpu_utilisation_percent: 'GPUs busy',
  },

  errors: 'How requests failed',
  errorsPanel: 'requests that did not end as asked',
  errorsDetail: (without: number) =>
    without === 0 ? 'of all repetitions' : `of all repetitions; ${plural(without, 'experiment')} without any`,
  howToReadErrors:
    'a bar is the share of an experiment’s requests that had an error or were not complete, its parts are the types. Latencies and rates are of the others.',
  describeErrors: 'Shares of requests that failed, by type, for each experiment.',
  failedRequests: (name: string, requests: number, types: readonly (readonly [string, number])[]) =>
    `${name}: ${types.map(([type, count]) => `${count} ${type}`).join(', ')}, of ${plural(requests, 'request')}`,
  allSucceeded: (requests: number) => `All ${requests.toLocaleString('en-US')} requests ended as asked.`,

  latencies: 'Latencies of single calls and requests',
  percentiles: 'Percentiles of latencies',
  percentilesNote:
    'Each repetition is a process with percentiles of its own; shown is their mean with its 95 % interval (none below 3 repetitions). In an open loop TTFT and e2e count from when a request was due. Requests that failed or are incomplete have no part in percentiles. A p90 needs 10 values in a process, a p99 100. ITL is the gap between two tokens, over all calls or requests of a process. e2e is the whole call or request.',
  curves: 'How latencies are distributed',
  howToReadCurves:
    'a curve shows the share of calls or requests that took at most so long; further left is better, and a long way to the right at the top is a slow tail. Each curve is one process: of an experiment’s repetitions the one whose median is in the middle. Processes are never pooled.',
  describeCurves: 'Distribution functions of TTFT, TPOT, ITL and e2e, one curve for each experiment.',
  noCurve: (label: string, reason: string) => `No curve of ${label}: ${reason}.`,
  tooFewForCurve: (fewest: number) => `no process has ${fewest} values`,
  noCurves: (fewest: number) =>
    `No curves of how latencies are distributed: no process has ${fewest} calls or requests with a time.`,
  tooFewValues: (missing: number, fewest: number) =>
    `${plural(missing, 'experiment')} without a curve: fewer than ${fewest} values in a process`,

  resources: 'Memory and energy',
  memory: 'How much memory it took',
  howToReadMemory:
    'a bar is the highest peak over repetitions. The estimate, made before the start, is the least that must be there.',
  describeMemory: 'Peak memory of each experiment by parts, and the estimate before the start.',
  hostMemory: 'peak of the host’s memory',
  deviceMemory: 'peak of the device’s memory',
  estimatedMemory: 'estimate before the start',
  limit: 'limit',
  beforeLoading: 'before the model was loaded',
  rssGrowth: 'model and work',
  vramBefore: 'in use on the device before',
  vramGrowth: 'device: model and work',
  ofProcess: 'process',
  tensors: 'tensors',
  torchCache: 'torch’s cache',
  restOfProcess: 'rest of the process',
  noLimit: 'No limit of the host’s memory was set but the machine’s own.',
  severalLimits: 'The limit of the host’s memory was not the same for all.',
  limitOnly: (limit: string) => `The limit of the host’s memory was ${limit}.`,
  limitUsed: (limit: string, percent: string) =>
    `The limit of the host’s memory was ${limit}; the highest peak is ${percent} % of it.`,

  energy: 'Energy for each new token',
  howToReadEnergy:
    'further left is better. The mark is the mean over repetitions, the line its 95 % interval, rings are single repetitions. Counters cover all of their device or package, other processes included.',
  describeEnergy: 'Joules for each new token of each experiment with its interval, by counter.',
  grossEnergy: 'energy, idling included',
  energyAboveIdle: 'energy above idle',
  energyDetail: (meter: string) => `J for each new token, ${meter}`,
  meter: (source: string, scope: string) => `${source}, scope ${scope}`,
  noEnergy: (reasons: readonly string[]) => `Energy was not measured: ${reasons.map(inWords).join('; ')}.`,
  unmetered: (names: readonly string[], reasons: readonly string[]) =>
    `Energy of ${names.join(', ')} was not measured: ${reasons.map(inWords).join('; ')}.`,
};

/** Lists of names; empty where there are none. */
interface FrontNames {
  clear: string;
  behind: string;
  unclear: string;
}

interface SaturationWords {
  /** The names of the throughput, and of the latency. */
  output: string;
  wait: string;
  before: number;
  from: number;
  throughput: string[];
  latency: string[];
  isClear: boolean;
}
