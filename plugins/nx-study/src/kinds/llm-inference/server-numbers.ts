import { absent, isAbsent } from '../../base/known.ts';
import type { MetricDefinition, Value } from '../kind.ts';
import { loadedSpan } from './rates.ts';
import type { ServedWorkload } from './schema.ts';
import { gaugesOf, exactGrowthOf, readingsInWindow } from './server-window.ts';
import type { InWindow } from './server-window.ts';
import { highest } from './statistics.ts';
import type { Told } from './telemetry.ts';
import { sum } from '../../base/sum.ts';

type Numbers = MetricDefinition & { value: Value };

/** Why there is nothing to read. */
export interface Missing {
  noWindow: string;
  noMetrics: string;
  noGpu: string;
}

/** What the server and its GPUs told of themselves within the window in which the asked load was kept. */
export function serverNumbers(workload: ServedWorkload, missing: Missing): Numbers[] {
  const found = readingsInWindow(workload, missing);
  const of = (number: (inside: InWindow) => Value): Value => (isAbsent(found) ? found : number(found));
  return [
    ...gauges.flatMap(({ told, factor, ...definition }) => {
      const values = of((inside) => summarised(inside, told, mean));
      const most = of((inside) => summarised(inside, told, highest));
      const scaled = (value: Value) => (isAbsent(value) ? value : value * factor);
      const { name, label, description, unit } = definition;
      const ending = unit === '%' ? '_percent' : '';
      const shared = { unit, main: false, better: null } as const;
      return [
        {
          ...shared,
          name: `${name}${ending}`,
          label,
          description: `${description}, on average ${PART}`,
          value: scaled(values),
        },
        {
          ...shared,
          name: `${name}_max${ending}`,
          label: `${label}, most`,
          description: `${description}: the most ${PART}`,
          value: scaled(most),
        },
      ];
    }),
    ...counters.map(({ number, ...definition }) => ({ ...definition, main: false, value: of(number) })),
    {
      name: 'server_readings',
      label: 'readings',
      unit: '',
      main: false,
      better: null,
      description: 'How often the server told its state within the window in which the asked load was kept',
      value: of(({ readings }) => readings.length),
    },
    ...gpuNumbers(workload, missing),
  ];
}

const PART = 'over the readings within the window in which the asked load was kept';

const gauges = [
  {
    told: 'running',
    factor: 1,
    unit: '',
    name: 'server_running',
    label: 'running',
    description: 'Requests that the server works on, those of others included',
  },
  {
    told: 'waiting',
    factor: 1,
    unit: '',
    name: 'server_waiting',
    label: 'waiting',
    description: 'Requests that wait in the server, those of others included',
  },
  {
    told: 'kv_share',
    factor: 100,
    unit: '%',
    name: 'server_kv',
    label: 'KV cache used',
    description: "Used part of the server's cache of keys and values; of several engines the fullest",
  },
] as const;

const BETWEEN = 'between the first and the last reading within the window in which the asked load was kept';

interface Counted extends Omit<MetricDefinition, 'main'> {
  number: (inside: InWindow) => Value;
}

const counters: readonly Counted[] = [
  {
    name: 'server_output_tok_s',
    label: 'server output',
    unit: 'tok/s',
    better: null,
    description: `Tokens a second that the server counts as generated, those for others included, ${BETWEEN}`,
    number: (inside) =>
      over(exactGrowthOf(inside, 'generated_tokens'), spanOf(inside), 'the time between the readings'),
  },
  {
    name: 'server_preemptions',
    label: 'preemptions',
    unit: '',
    better: 'lower',
    description: `Requests that the server put back for lack of cache, ${BETWEEN}`,
    number: (inside) => exactGrowthOf(inside, 'preemptions'),
  },
  {
    name: 'server_prefix_hit_percent',
    label: 'prefix hits',
    unit: '%',
    better: null,
    description: `Prompt tokens that the server took from its prefix cache, in percent of those that it looked up, ${BETWEEN}`,
    number: (inside) =>
      percent(
        exactGrowthOf(inside, 'prefix_hits'),
        exactGrowthOf(inside, 'prefix_queries'),
        'it read no prompt meanwhile',
      ),
  },
  {
    name: 'server_queue_s',
    label: 'queue',
    unit: 's',
    better: 'lower',
    description: `Mean time that a request waited in the server's queue, of those that it counted ${BETWEEN}`,
    number: (inside) =>
      over(
        exactGrowthOf(inside, 'queue_s'),
        exactGrowthOf(inside, 'queue_requests'),
        'the number of requests that it counted',
      ),
  },
  {
    name: 'server_prefill_s',
    label: 'server prefill',
    unit: 's',
    better: 'lower',
    description: `Mean time from the start of a request's work in the server to its first token, of those that it counted ${BETWEEN}`,
    number: (inside) =>
      over(
        exactGrowthOf(inside, 'prefill_s'),
        exactGrowthOf(inside, 'prefill_requests'),
        'the number of requests that it counted',
      ),
  },
  {
    name: 'server_accept_length',
    label: 'accepted length',
    unit: 'tokens',
    better: 'higher',
    description: `Tokens that a step of speculative decoding yields on average, its own one included, ${BETWEEN}`,
    number: acceptLength,
  },
  {
    name: 'server_accept_percent',
    label: 'drafts accepted',
    unit: '%',
    better: 'higher',
    description: `Drafted tokens that speculative decoding accepted, in percent of all drafted, ${BETWEEN}`,
    number: (inside) =>
      percent(exactGrowthOf(inside, 'accepted_tokens'), exactGrowthOf(inside, 'draft_tokens'), NO_DRAFTS),
  },
];

const NO_DRAFTS = 'it drafted no token meanwhile';

/** By counters 1 + accepted / drafts, as vLLM defines it; else the mean of a gauge. */
function acceptLength(inside: InWindow): Value {
  const [accepted, drafts] = [exactGrowthOf(inside, 'accepted_tokens'), exactGrowthOf(inside, 'drafts')];
  if (!isAbsent(accepted) && !isAbsent(drafts)) return drafts > 0 ? 1 + accepted / drafts : absent(NO_DRAFTS);
  const values = gaugesOf(inside, 'accept_length');
  if (isAbsent(values)) return values;
  const drafted = values.filter((value) => value > 0);
  return drafted.length > 0 ? mean(drafted) : absent(NO_DRAFTS);
}

const summarised = (inside: InWindow, told: Told, by: (values: number[]) => number): Value => {
  const values = gaugesOf(inside, told);
  return isAbsent(values) ? values : by(values);
};

const mean = (values: readonly number[]): number => sum(values) / values.length;

const spanOf = ({ readings }: InWindow): number => readings.at(-1)!.at_s - readings[0]!.at_s;

function over(numerator: Value, denominator: Value, what: string): Value {
  if (isAbsent(numerator)) return numerator;
  if (isAbsent(denominator)) return denominator;
  return denominator > 0 ? numerator / denominator : absent(`${what} is 0`);
}

function percent(part: Value, all: Value, none: string): Value {
  if (isAbsent(part)) return part;
  if (isAbsent(all)) return all;
  return all > 0 ? (100 * part) / all : absent(none);
}

const gpuMeans = [
  {
    key: 'power_w',
    name: 'gpu_power_w',
    unit: 'W',
    label: 'GPU power',
    description: 'Mean power of the watched GPUs together',
  },
  {
    key: 'utilisation_percent',
    name: 'gpu_utilisation_percent',
    unit: '%',
    label: 'GPU busy',
    description: 'Mean share of time in which the watched GPUs ran any kernel',
  },
  {
    key: 'memory_bytes',
    name: 'gpu_memory_bytes',
    unit: 'bytes',
    label: 'GPU memory',
    description: 'Mean memory in use on the watched GPUs together, by anybody',
  },
  {
    key: 'sm_clock_mhz',
    name: 'gpu_sm_clock_mhz',
    unit: 'MHz',
    label: 'GPU clock',
    description: 'Mean clock of the watched GPUs',
  },
] as const;

function gpuNumbers(workload: ServedWorkload, { noWindow, noGpu }: Missing): Numbers[] {
  const { gpu } = workload;
  const span = loadedSpan(workload, noWindow);
  return gpuMeans.map(({ key, description, ...definition }) => {
    const shared = { ...definition, main: false, better: null, description: `${description}, ${PART}` } as const;
    if (gpu === undefined) return { ...shared, value: absent('its worker did not watch the GPUs') };
    if (gpu === null) return { ...shared, value: absent(noGpu) };
    if (isAbsent(span)) return { ...shared, value: span };
    const inside = gpu.readings.filter(({ at_s }) => at_s >= span.from_s && at_s <= span.to_s);
    const values = inside.flatMap((reading) => reading[key] ?? []);
    if (inside.length === 0) return { ...shared, value: absent('there was no reading within the window') };
    return { ...shared, value: values.length > 0 ? mean(values) : absent(`${gpu.source} does not tell it`) };
  });
}
