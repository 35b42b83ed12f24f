import { compare } from '../analysis/compare.ts';
import type { Comparison } from '../analysis/compare.ts';
import { concludeAll } from '../analysis/conclusion.ts';
import type { Concluded } from '../analysis/conclusion.ts';
import { driftOf } from '../analysis/drift.ts';
import type { Drift } from '../analysis/drift.ts';
import { effects } from '../analysis/effects.ts';
import type { Effects } from '../analysis/effects.ts';
import { machineEffects } from '../analysis/machines.ts';
import type { MachineEffects } from '../analysis/machines.ts';
import { outliersOf } from '../analysis/outliers.ts';
import type { Repetition } from '../analysis/pairs.ts';
import { summarise } from '../analysis/summary.ts';
import type { Summary } from '../analysis/summary.ts';
import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { plain } from '../base/layout.ts';
import type { Results, Row } from '../state/rows.ts';
import { alternativesOf } from './alternatives.ts';
import type { Alternative } from './alternatives.ts';
import { baselineFor } from './baseline.ts';
import { wereInTurns } from './in-turns.ts';
import { comparedMetrics } from './metrics.ts';
import { monteCarloErrors } from './monte-carlo.ts';
import type { ComparedMetric } from './metrics.ts';
import { refusalAmong, refusalOf } from './refused.ts';
import { comparisonTexts as texts } from './texts.ts';

/** All that a study's repetitions say about its alternatives. */
export interface Comparisons {
  alternatives: Alternative[];
  metrics: MetricComparison[];
  /** Which comparisons hold repetitions with the same number against each other. */
  pairing: Pairing;
  /** How many tests there are: the Holm correction is for so many. */
  tests: number;
}

export type Pairing = 'all' | 'some' | 'none';

/** One metric, over all alternatives. */
export interface MetricComparison {
  metric: ComparedMetric;
  /** One for each alternative, in their order. */
  entries: Entry[];
  /** How much of the variance each axis accounts for. */
  effects: Effects | Absent;
  /** Whether the machine became faster or slower meanwhile. */
  drift: Drift | Absent;
  /** How the machines differ that share the study; absent where machines have alternatives of their own. */
  machines: MachineEffects | Absent;
}

/** One metric of one alternative. */
export interface Entry {
  alternative: Alternative;
  /** One for each row. Only rows whose state is `measured` have a value. */
  repetitions: (Repetition & { reason: string | null })[];
  summary: Summary | Absent;
  /** Positions in `repetitions` of values that stand out; they count as any other. */
  outliers: number[] | Absent;
  baseline: Alternative | Absent;
  /** Against the baseline. */
  against: Concluded | Absent;
}

/**
 * Summarises each alternative over its repetitions, and compares it with its baseline. Repetitions are processes: values
 * within one are never taken for repetitions. Where the order of the study goes in cycles, and both sides were measured in
 * turns, repetitions are paired by cycle; a sequential order has none. Where an experiment is of several machines, only
 * repetitions of the same machine are.
 * @param chosen - names of the metrics to compare; null for the main ones.
 */
export function comparisonsOf(
  { rows, design }: Pick<Results, 'rows' | 'design'>,
  chosen: readonly string[] | null = null,
): Comparisons {
  const alternatives = alternativesOf(rows, design.lanes);
  const baselines = alternatives.map((one) => baselineFor(one, alternatives));
  const hasCycles = design.repeat.order !== 'sequential';
  const areInTurns = alternatives.map((one, index) => {
    const baseline = baselines[index]!;
    return isAbsent(baseline) ? null : hasCycles && wereInTurns(one, baseline);
  });
  const metrics = comparedMetrics(rows, design.relevant, chosen);
  const compared = metrics.map((metric) => {
    const repetitions = new Map(alternatives.map((one) => [one.key, repetitionsOf(one, metric.name)]));
    const against = alternatives.map((one, index) => {
      const baseline = baselines[index]!;
      if (isAbsent(baseline)) return baseline;
      const refusal = refusalOf(one, baseline, metric.name);
      if (refusal !== null) return refusal;
      const options = {
        scale: metric.scale,
        pairs: areInTurns[index] === true,
        relevant: design.relevant[metric.name] ?? null,
        mcse: monteCarloErrors(one, baseline, metric.name),
      };
      const ofOneHost = new Set([...one.hosts, ...baseline.hosts]).size < 2;
      if (ofOneHost) return compare(repetitions.get(one.key)!, repetitions.get(baseline.key)!, options);
      const sides = [one, baseline].map((side) => withMachines(side, repetitions.get(side.key)!));
      if (!options.pairs || !haveCommon(sides[0]!, sides[1]!)) return absent(texts.notWithinMachines);
      return compare(sides[0]!, sides[1]!, options);
    });
    return { metric, repetitions, against };
  });
  // Their number decides how strict each of them is.
  const concluded = new Map<Comparison, Concluded>();
  const all = compared.flatMap(({ against }) => against.flatMap((one) => (isAbsent(one) ? [] : [one])));
  for (const [index, one] of concludeAll(all).entries()) concluded.set(all[index]!, one);
  return {
    alternatives,
    pairing: pairingOf(areInTurns, hasCycles),
    tests: [...concluded.values()].filter(({ p_adjusted }) => p_adjusted !== null).length,
    metrics: compared.map(({ metric, repetitions, against }) => ({
      metric,
      entries: alternatives.map((alternative, index) => {
        const one = against[index]!;
        return {
          alternative,
          ...describe(repetitions.get(alternative.key)!, metric),
          baseline: baselines[index]!,
          against: isAbsent(one) ? one : concluded.get(one)!,
        };
      }),
      effects: effectsOf(alternatives, repetitions, metric),
      drift: driftOver(alternatives, repetitions),
      machines: machinesOf(alternatives, repetitions, metric),
    })),
  };
}

/** Repetitions that are held against each other only within a machine. */
function withMachines({ machines }: Alternative, repetitions: readonly Repetition[]): Repetition[] {
  return repetitions.map(({ value, repetition }, index) => ({
    value,
    repetition: `${repetition} on ${machines[index] ?? 'no machine'}`,
  }));
}

function haveCommon(one: readonly Repetition[], other: readonly Repetition[]): boolean {
  const known = new Set(other.filter(({ value }) => value !== null).map(({ repetition }) => repetition));
  return one.some(({ value, repetition }) => value !== null && known.has(repetition));
}

function pairingOf(areInTurns: readonly (boolean | null)[], hasCycles: boolean): Pairing {
  if (!hasCycles) return 'none';
  const compared = areInTurns.filter((one) => one !== null);
  if (compared.every(Boolean)) return 'all';
  return compared.some(Boolean) ? 'some' : 'none';
}

/** The values of a metric over an alternative's repetitions. Only rows whose state is `measured` have one. */
export function repetitionsOf({ rows }: Alternative, metric: string): Entry['repetitions'] {
  return rows.map((row) => ({ repetition: row.repetition, ...valueOf(row, metric) }));
}

/** Only a result of the present settings, data and code counts. */
function valueOf(row: Row, name: string): { value: number | null; reason: string | null } {
  if (row.state !== 'measured') return absent(texts.notMeasured(row.state));
  const metric = row.metrics.find((one) => one.name === name);
  return metric === undefined ? absent(texts.notOfWorker) : { value: metric.value, reason: metric.reason };
}

function describe(
  repetitions: Entry['repetitions'],
  { scale }: ComparedMetric,
): Pick<Entry, 'repetitions' | 'summary' | 'outliers'> {
  const known = repetitions.flatMap(({ value }, index) => (value === null ? [] : [{ value, index }]));
  const values = known.map(({ value }) => value);
  const found = outliersOf(values, scale);
  const outliers = isAbsent(found) ? found : found.map((position) => known[position]!.index);
  return { repetitions, summary: summarise(values, scale), outliers };
}

const WORKLOAD = 'workload';

/** The axes of the study, and the workload where there are several. Machines are never taken together. */
function effectsOf(
  alternatives: readonly Alternative[],
  repetitions: ReadonlyMap<string, Entry['repetitions']>,
  { name, scale }: ComparedMetric,
): Effects | Absent {
  const refusal = refusalAmong(alternatives, name);
  if (refusal !== null) return refusal;
  if (alternatives.some(({ host, hosts }) => host !== null || hosts.length > 1)) return absent(texts.severalMachines);
  const axes = [...new Set(alternatives.flatMap(({ varied }) => Object.keys(varied)))];
  const hasWorkloads = alternatives.some(({ workload }) => workload !== null);
  const grid = alternatives.flatMap(({ key, varied, workload }) => {
    const levels = Object.fromEntries(Object.entries(varied).map(([axis, value]) => [axis, levelText(value)]));
    if (workload !== null) levels[WORKLOAD] = workload;
    return repetitions.get(key)!.map(({ repetition, value }) => ({ repetition, value, levels }));
  });
  return effects(grid, hasWorkloads ? [...axes, WORKLOAD] : axes, scale);
}

const levelText = (value: unknown): string => plain(typeof value === 'string' ? value : JSON.stringify(value));

function machinesOf(
  alternatives: readonly Alternative[],
  repetitions: ReadonlyMap<string, Entry['repetitions']>,
  { scale }: ComparedMetric,
): MachineEffects | Absent {
  if (alternatives.some(({ host }) => host !== null)) return absent(texts.machinesApart);
  const experiments = alternatives.map(({ key, machines }) =>
    machines.flatMap((host, index) => {
      return host === null ? [] : { host, value: repetitions.get(key)![index]!.value };
    }),
  );
  return machineEffects(experiments, scale);
}

/** All rows in the order in which they started. */
function driftOver(
  alternatives: readonly Alternative[],
  repetitions: ReadonlyMap<string, Entry['repetitions']>,
): Drift | Absent {
  const started = alternatives.flatMap(({ key, experiment, workload, rows, machines }) =>
    rows.map((row, index) => ({
      group: `${experiment} ${machines[index] ?? ''}`.trim(),
      machine: machines[index]!,
      workload,
      run: `${row.id} ${row.stored?.record.started_at ?? ''}`,
      at: row.stored?.record.started_at ?? '',
      value: repetitions.get(key)![index]!.value,
    })),
  );
  return driftOf(started.toSorted((one, other) => Number(one.at > other.at) - Number(one.at < other.at)));
}
