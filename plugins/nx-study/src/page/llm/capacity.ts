import { isotonic } from '../../analysis/isotonic.ts';
import { verdictOf } from '../../kinds/gates.ts';
import type { GateResult, Verdict } from '../../kinds/gates.ts';
import {
  CLIENT_DELAYED,
  CLIENT_SATURATED,
  FOREIGN_LOAD,
  LATE_STARTS,
  NOT_SETTLED,
  OVERLOADED,
} from '../../kinds/llm-inference/load-findings.ts';
import type { Row } from '../../state/rows.ts';
import { clientOf, hasAny, hasFinding } from './client.ts';
import type { ClientState } from './client.ts';
import type { FailedLoad, Ladder } from './ladders.ts';
import { estimateOf, factOf, throughputOf } from './subjects.ts';
import type { Estimate, Subject } from './subjects.ts';
import { sum } from '../../base/sum.ts';

/** How much load a ladder carries within the targets of its study. Loads are users at once, or requests per s. */
export interface Capacity {
  targets: GateResult[];
  /** The highest load at which all repetitions met all targets; null where none did. */
  met: number | null;
  /** The lowest load at which the server missed one in a repetition; null where it did nowhere. */
  missed: number | null;
  undecided: number[];
  /** Loads that miss a target where the client was late, by itself or by others: they say nothing of the server. */
  unproven: number[];
  /** Where the fit crosses the first target between `met` and `missed`: no measurement. null where it doesn't, or they don't follow each other. */
  estimate: number | null;
  /** What was measured at `met` and at `missed`. */
  ends: End[];
  remarks: Remark[];
}

/** What was measured at an end of a ladder's bracket. */
export interface End {
  load: number;
  /** Each metric with a target, over the repetitions. */
  metrics: {
    name: string;
    estimate: Estimate;
    /** Of the verdict, where there is no value; else null. */ reason: string | null;
  }[];
  /** How many repetitions miss a target, of all. */
  missed: number;
  of: number;
}

/** What a reader must know beside the verdicts of some loads. */
export interface Remark {
  about:
    | 'not-monotone'
    | 'missed-above'
    | 'ended'
    | 'others'
    | 'overloaded'
    | 'client'
    | 'delayed'
    | 'late'
    | 'unsettled'
    | 'failed'
    | 'skipped';
  loads: number[];
  /** Of `failed`: how many of how many requests at each of the loads. */
  requests?: { failed: number; all: number }[];
  /** Of `ended`: the measurements that failed at each of the loads. */
  measurements?: FailedLoad[];
}

/** Where throughput stops growing. */
export interface Knee {
  /** The highest throughput, in tok/s, and the load at which it was measured. */
  peak: Estimate;
  at: number;
  /** The lowest load with `SHARE` of the peak. */
  load: number;
  /** Whether the client was the limit at the peak, or others delayed it: the server may have more to give. */
  client: ClientState;
}

/** Chosen: beyond it, load buys waiting rather than output. */
export const SHARE = 0.9;

/** @returns null where the study sets no target for the rungs. */
export function capacityOf({ rungs, failed }: Pick<Ladder, 'rungs' | 'failed'>): Capacity | null {
  const judged = judgedRungs(rungs);
  if (judged.length === 0) return null;
  const loadsOf = (wanted: RungVerdict) => judged.filter(({ verdict }) => verdict === wanted).map(({ load }) => load);
  const met = loadsOf('PASS').at(-1) ?? null;
  const missed = loadsOf('FAIL')[0] ?? null;
  const targets = [...new Map(judged.flatMap(({ rung }) => targetsOf(rung)).map((gate) => [gate.name, gate])).values()];
  const estimate = met === null || missed === null || met > missed ? null : crossing(judged, targets, [met, missed]);
  return {
    targets,
    met,
    missed,
    undecided: loadsOf('UNDECIDED'),
    unproven: loadsOf('UNPROVEN'),
    estimate,
    ends: [met, missed].flatMap((load) => judged.filter((one) => one.load === load).map(endOf)),
    remarks: [...remarksOnEnds({ met, missed: loadsOf('FAIL') }, failed), ...remarksOn(rungs)],
  };
}

/** UNPROVEN: it misses a target, and a late client may be why. */
export type RungVerdict = Verdict | 'UNPROVEN';

export interface Judged {
  rung: Subject;
  load: number;
  verdict: RungVerdict;
}

/** What all repetitions of each load say of the targets together; a load without a target is left out. */
export const judgedRungs = (rungs: readonly Subject[]): Judged[] =>
  rungs.flatMap((rung) => {
    const found = new Set(rung.rows.map(verdictIn));
    const verdict = WORST_FIRST.find((one) => found.has(one));
    return verdict === undefined ? [] : [{ rung, load: rung.load!, verdict }];
  });

const WORST_FIRST = ['FAIL', 'UNPROVEN', 'UNDECIDED', 'PASS'] as const;

/** The verdict of one repetition: of its targets, and a miss where the server was overloaded, whose times only grow. */
function verdictIn(row: Row): RungVerdict | null {
  const verdict = verdictOf(targetsOf({ rows: [row] }));
  if (verdict === null || (verdict !== 'FAIL' && !hasFinding(row, OVERLOADED))) return verdict;
  return clientOf({ rows: [row] }) === 'free' ? 'FAIL' : 'UNPROVEN';
}

export const targetsOf = ({ rows }: Pick<Subject, 'rows'>): GateResult[] =>
  rows.flatMap(({ gates }) => gates.filter(({ judges }) => judges === 'target'));

function endOf({ rung, load }: Judged): End {
  const gates = targetsOf(rung);
  const names = [...new Set(gates.map(({ metric }) => metric))];
  const metricOf = (name: string) => {
    const estimate = estimateOf(rung, name);
    const { reason = null } = gates.find((gate) => gate.metric === name && gate.reason !== null) ?? {};
    return { name, estimate, reason: estimate.value === null ? reason : null };
  };
  const verdicts = rung.rows.map(verdictIn);
  return {
    load,
    metrics: names.map(metricOf),
    missed: verdicts.filter((verdict) => verdict === 'FAIL').length,
    of: verdicts.length,
  };
}

/** @param missed - all loads that miss a target. */
function remarksOnEnds({ met, missed }: { met: number | null; missed: number[] }, failed: FailedLoad[]): Remark[] {
  const below = missed.filter((load) => met !== null && load < met);
  const above = missed.filter((load) => below.length > 0 && !below.includes(load));
  const remarks: Remark[] = [
    { about: 'not-monotone', loads: below },
    { about: 'missed-above', loads: above },
    { about: 'ended', loads: failed.map(({ load }) => load), measurements: failed },
  ];
  return remarks.filter(({ loads }) => loads.length > 0);
}

function remarksOn(rungs: readonly Subject[]): Remark[] {
  const loadsWith = (code: string) => rungs.flatMap((rung) => (hasAny(rung, code) ? rung.load! : []));
  const failing = rungs.map((rung) => ({ load: rung.load!, ...failuresOf(rung) })).filter(({ failed }) => failed > 0);
  const remarks: Remark[] = [
    { about: 'others', loads: loadsWith(FOREIGN_LOAD) },
    { about: 'overloaded', loads: loadsWith(OVERLOADED) },
    { about: 'client', loads: loadsWith(CLIENT_SATURATED) },
    { about: 'delayed', loads: loadsWith(CLIENT_DELAYED) },
    { about: 'late', loads: loadsWith(LATE_STARTS) },
    { about: 'unsettled', loads: loadsWith(NOT_SETTLED) },
    { about: 'failed', loads: failing.map(({ load }) => load), requests: failing },
    { about: 'skipped', loads: skippedIn(rungs) },
  ];
  return remarks.filter(({ loads }) => loads.length > 0);
}

/** Requests that failed or are incomplete, of all repetitions. */
export function failuresOf({ rows }: Pick<Subject, 'rows'>): { failed: number; all: number } {
  const total = (name: string) =>
    sum(rows.flatMap(({ metrics }) => metrics.find((metric) => metric.name === name)?.value ?? []));
  return { failed: total('requests_errored') + total('requests_incomplete'), all: total('requests') };
}

/** Loads that were left out in each repetition after a lower one had overloaded the server. */
function skippedIn(rungs: readonly Subject[]): number[] {
  const rates = rungs.flatMap(({ rows }) => rows.map((row) => String(factOf(row, 'skipped_per_s') ?? ''))).join(', ');
  const measured = new Set(rungs.map(({ load }) => load));
  const found = new Set(rates.split(', ').flatMap((rate) => (rate === '' ? [] : Number(rate))));
  return [...found].filter((load) => !measured.has(load)).toSorted((one, other) => one - other);
}

/** @param rungs - in the order of their load. @returns null for fewer than two with a throughput. */
export function kneeOf(rungs: readonly Subject[]): Knee | null {
  const known = rungs.flatMap((rung) => {
    const estimate = estimateOf(rung, throughputOf(rung).metric);
    return estimate.value === null ? [] : [{ rung, load: rung.load!, value: estimate.value, estimate }];
  });
  if (known.length < 2) return null;
  const highest = known.reduce((best, one) => (one.value > best.value ? one : best));
  return {
    peak: highest.estimate,
    at: highest.load,
    load: known.find(({ value }) => value >= SHARE * highest.value)!.load,
    client: clientOf(highest.rung),
  };
}

/**
 * The least load at which the fit of a target's metric crosses its threshold, log-linear between two rungs of the bracket. Rungs
 * whose values are not those of the server under this load are no part of the fit; where an end of the bracket is one, there is none.
 */
function crossing(
  judged: readonly Judged[],
  targets: readonly GateResult[],
  [met, missed]: [number, number],
): number | null {
  const own = judged.filter(({ rung }) => isOfServer(rung));
  if (![met, missed].every((end) => own.some(({ load }) => load === end))) return null;
  const found = targets.flatMap(({ name, passes, threshold }) => {
    const sign = passes === 'below' ? 1 : -1;
    const known = own.flatMap(({ rung, load }) => {
      const values = targetsOf(rung).flatMap((gate) => (gate.name === name && gate.value !== null ? [gate.value] : []));
      return values.length === 0 ? [] : [{ load, value: sign * mean(values), weight: values.length }];
    });
    const fitted = isotonic(
      known.map(({ value }) => value),
      known.map(({ weight }) => weight),
    );
    const limit = sign * threshold;
    const after = fitted.findIndex((value) => value >= limit);
    if (after < 1) return [];
    const [low, high] = [known[after - 1]!.load, known[after]!.load];
    const share = (limit - fitted[after - 1]!) / (fitted[after]! - fitted[after - 1]!);
    const load = Math.exp(Math.log(low) + share * Math.log(high / low));
    return load >= met && load <= missed ? [load] : [];
  });
  return found.length === 0 ? null : Math.min(...found);
}

/**
 * Whether its values are those of the server under this load: percentiles leave out requests that failed, and the times of an
 * overloaded server depend on how long it was measured.
 */
export const isOfServer = (rung: Subject): boolean =>
  failuresOf(rung).failed === 0 &&
  clientOf(rung) === 'free' &&
  ![OVERLOADED, FOREIGN_LOAD].some((code) => hasAny(rung, code));

const mean = (values: readonly number[]) => sum(values) / values.length;
