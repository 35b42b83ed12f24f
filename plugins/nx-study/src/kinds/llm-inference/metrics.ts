import { orReason, reasonOf, total } from '../evidence.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Circumstances, Judging, Metric, MetricDefinition, Value } from '../kind.ts';
import { costMetrics } from './cost.ts';
import { energyMetrics } from './energy.ts';
import { judgedMetric } from './gates.ts';
import { offlineSeries } from './offline.ts';
import type { OfflineWorkload, Payload, MeasuredWorkload } from './schema.ts';
import { describe } from './series.ts';
import { servedNumbers } from './served-numbers.ts';
import { servedSeries } from './served.ts';
import { serviceLevel } from './slo.ts';
import { rankedTimes } from './times.ts';
import type { Trend } from './trend.ts';
import { utilisationMetrics } from './utilisation.ts';

/** All numbers of one workload, the most important first. Each is defined in workers/README.md, too. */
export function metricsOf(payload: Payload, index: number, { trend, judging, circumstances }: Reading): Metric[] {
  const workload = payload.workloads[index]!;
  const path = `workloads.${index}`;
  const series = workload.mode === 'offline' ? offlineSeries(workload, payload.reasons, path) : servedSeries(workload);
  const why = (name: string) => reasonOf(payload.reasons, `${path}.${name}`) ?? 'without a reason';
  const missing = { noWindow: why('window'), noMetrics: why('server_metrics'), noGpu: why('gpu') };
  const judged = new Set(Object.keys(judging.gates).map((gate) => judgedMetric(gate, workload.mode === 'open-loop')));
  const described = series.map((one) =>
    describe(one, judged, workload.mode === 'offline' ? undefined : rankedTimes(workload, one.name)),
  );
  const found = [
    ...described.map(({ headline }) => headline),
    ...(workload.mode === 'offline'
      ? []
      : [
          ...serviceLevel(workload, judging.slo, missing.noWindow),
          ...servedNumbers(workload, missing).map(({ value, bounds, ...definition }) => ({
            ...toMetric(definition, value),
            ...(bounds && { bounds }),
          })),
        ]),
    ...(workload.mode === 'offline'
      ? workMetrics(workload, described, { payload, circumstances, peak: judging.peak })
      : []),
    ...loadMetrics(payload),
    ...memoryMetrics(payload, workload, path),
    ...energyMetrics(workload.energy),
    ...loopMetrics(workload, trend),
  ];
  const metrics = [...found, ...costMetrics(judging.price, found)];
  const [main, others] = [metrics.filter((one) => one.main), metrics.filter((one) => !one.main)];
  const embeds = workload.mode !== 'offline' && workload.embeddings !== undefined;
  const ofKind = (embeds ? FIRST_OF_EMBEDDINGS : FIRST)[workload.mode];
  const first = [...(main.some(({ name }) => name === GOODPUT) ? [GOODPUT] : []), ...ofKind];
  return [...main, ...others, ...described.flatMap(({ statistics }) => statistics)].map((one) =>
    first.includes(one.name) ? { ...one, first: first.indexOf(one.name) + 1 } : one,
  );
}

/** By what the numbers of a workload are read. */
interface Reading {
  trend: Trend;
  judging: Judging;
  /** Undefined where a result is read without its record. */
  circumstances: Circumstances | undefined;
}

function workMetrics(
  workload: OfflineWorkload,
  described: readonly { headline: Metric }[],
  known: Parameters<typeof utilisationMetrics>[2],
): Metric[] {
  const rateOf = (name: string): Value => {
    const { value, reason } = described.find(({ headline }) => headline.name === name)!.headline;
    return value ?? absent(reason!);
  };
  return utilisationMetrics(workload, { prefill: rateOf('prefill_tok_s'), decode: rateOf('decode_tok_s') }, known);
}

// With limits for requests, what counts is how many are served within them.
const GOODPUT = 'goodput_per_s';

/**
 * What a study is about first: of an engine how fast it makes tokens and how soon the first one is there; of a server how
 * much it carries and how long the slowest wait. In an open loop the arrivals decide how much it carries, so long as it can.
 */
const FIRST: Record<MeasuredWorkload['mode'], string[]> = {
  offline: ['decode_tok_s', 'ttft_s'],
  'closed-loop': ['output_tok_s', 'ttft_p99_s', 'ttft_s'],
  'open-loop': ['ttft_due_p99_s', 'output_tok_s', 'ttft_due_s'],
};

const FIRST_OF_EMBEDDINGS: typeof FIRST = {
  ...FIRST,
  'closed-loop': ['input_tok_s', 'e2e_p99_s', 'e2e_s'],
  'open-loop': ['e2e_due_p99_s', 'input_tok_s', 'e2e_due_s'],
};

const LOAD = {
  import_s: { label: 'importing', description: 'Importing the engine and its libraries' },
  read_s: { label: 'reading', description: 'Reading the model; with mmap part of it moves to the first call' },
  context_s: { label: 'context', description: 'Setting up the context: caches, graphs, profiling' },
  first_call_s: { label: 'first call', description: 'The first call, with what the engine compiles or maps only then' },
} as const;

function loadMetrics({ load, reasons }: Payload): Metric[] {
  const seconds = { unit: 's', better: 'lower' } as const;
  const of = (name: keyof typeof LOAD) => orReason(load[name], reasons, `load.${name}`);
  const isServer = load.ready_s !== undefined;
  const hasOwnContext = load.context_s !== null || !Object.hasOwn(reasons, 'load.context_s');
  const load_s = isServer
    ? orReason(load.ready_s, reasons, 'load.ready_s')
    : total([of('import_s'), of('read_s'), hasOwnContext ? of('context_s') : 0]);
  return [
    toMetric(
      {
        ...seconds,
        name: 'load_s',
        label: 'load',
        main: !isServer || !isAbsent(load_s),
        description:
          'import_s + read_s + context_s, where it has a time of its own: from the start of the worker to a model that is ready, without its first call; of a server that the worker started, until it answered',
      },
      load_s,
    ),
    ...Object.entries(LOAD).map(([name, { label, description }]) =>
      toMetric({ ...seconds, name, label, description, main: false }, of(name as keyof typeof LOAD)),
    ),
  ];
}

const MEMORY = {
  rss_peak_bytes: {
    label: 'RSS peak',
    description: "Peaks of resident memory of the worker's processes; pages that they share count for each of them",
  },
  pss_peak_bytes: {
    label: 'PSS peak',
    description: "Peak of samples of the resident memory of the worker's processes; pages that they share count once",
  },
  torch_allocated_peak_bytes: { label: 'allocated', description: "Peak of what torch's tensors took on the device" },
  torch_reserved_peak_bytes: {
    label: 'reserved',
    description: 'Peak of what torch took from the device, its cache included',
  },
  process_vram_peak_bytes: { label: 'process VRAM', description: "Peak device memory of the worker's processes" },
  device_vram_peak_bytes: {
    label: 'device VRAM',
    description: 'Peak memory in use on the device, other processes included',
  },
  device_vram_before_bytes: {
    label: 'VRAM before',
    description: 'Memory in use on the device before the model was loaded',
  },
  rss_before_bytes: { label: 'RSS before', description: 'Resident memory before the model was loaded' },
  kv_cache_bytes: { label: 'KV cache', description: 'Size of the cache of keys and values' },
} as const;

function memoryMetrics({ load, reasons }: Payload, { mode, memory }: MeasuredWorkload, path: string): Metric[] {
  const told = Object.entries(MEMORY).filter(([name]) => memory[name as keyof typeof MEMORY] !== undefined);
  const sizes = told.map(([name, { label, description }]) => {
    const value = orReason(memory[name as keyof typeof MEMORY], reasons, `${path}.memory.${name}`);
    const main = name === 'rss_peak_bytes' && (mode === 'offline' || !isAbsent(value));
    const better = /_peak_|^kv_/.test(name) ? 'lower' : null;
    return toMetric({ name, label, unit: 'bytes', main, better, description }, value);
  });
  if (load.rss_peak_bytes === undefined) return sizes;
  const whileLoading = toMetric(
    {
      name: 'load_rss_peak_bytes',
      label: 'RSS of loading',
      unit: 'bytes',
      main: false,
      better: 'lower',
      description: 'Peak resident memory up to the end of loading, which may need more than the model takes afterwards',
    },
    orReason(load.rss_peak_bytes, reasons, 'load.rss_peak_bytes'),
  );
  return [...sizes, whileLoading];
}

function loopMetrics({ warmup, ...workload }: MeasuredWorkload, { drift, p, reason }: Trend): Metric[] {
  const pure: Omit<MetricDefinition, 'name' | 'label' | 'description'> = { unit: '', main: false, better: null };
  const unknown = absent(reason ?? 'too few calls');
  return [
    ...(workload.mode === 'offline'
      ? [
          toMetric(
            { ...pure, name: 'iterations', label: 'iterations', description: 'Measured calls' },
            workload.generate.length,
          ),
        ]
      : []),
    toMetric(
      {
        ...pure,
        name: 'drift_percent',
        label: 'drift',
        unit: '%',
        description:
          'Change of e2e_s from the first call to the last by the Theil–Sen slope of its logarithm; positive is slower',
      },
      drift === null ? unknown : 100 * drift,
    ),
    toMetric(
      { ...pure, name: 'drift_p', label: 'p of drift', description: 'Two-sided p of the Mann–Kendall test of e2e_s' },
      p ?? unknown,
    ),
    toMetric(
      { ...pure, name: 'warmup_calls', label: 'warm-up', description: 'Calls to warm up' },
      warmup.samples_s.length,
    ),
    toMetric(
      {
        ...pure,
        name: 'warmup_cv',
        label: 'warm-up CV',
        description: 'Standard deviation / mean of the last calls of the warm-up',
      },
      warmup.cv ?? absent('fewer calls than a window of the warm-up'),
    ),
  ];
}
