import type { GateResult } from '../../kinds/gates.ts';
import { isOfServer, targetsOf } from '../../page/llm/capacity.ts';
import type { Capacity, Judged } from '../../page/llm/capacity.ts';
import { estimateOf } from '../../page/llm/subjects.ts';
import type { ServerMode } from '../../page/llm/texts.ts';
import { half, loadsBetween, twice } from './grid.ts';
import { requestsToDecide } from './requests.ts';

/** What to measure next of a ladder, and why. */
export type Next =
  /** `of`: what the load above `met` says. */
  | { state: 'between'; met: number; next: number; of: 'missed' | 'undecided' | 'unproven'; loads: number[] }
  | { state: 'higher'; met: number; loads: [number] }
  | { state: 'lower'; missed: number; loads: [number] }
  /** Loads of the study that are to be measured first. */
  | { state: 'planned'; planned: Planned[] }
  | { state: 'resolved'; met: number; missed: number; why: Resolved }
  /** One user is too many. */
  | { state: 'lowest'; missed: number }
  | { state: 'not-monotone'; met: number; missed: number }
  /** No load is known to meet the targets, nor to miss them. */
  | { state: 'undecided' };

/** Why there is no load between two that could tell more. `overlap`: the metric whose intervals overlap. */
export type Resolved = { by: 'whole' } | { by: 'step' } | { by: 'overlap'; metric: string };

export interface Planned {
  load: number;
  /** Where its measurement stands. */
  state: string;
}

export interface UndecidedRung {
  load: number;
  gates: string[];
  /** In the repetition that had the fewest. */
  requests: number | null;
  /** About as many would decide all of them, in each repetition; null where a value lies at its limit. */
  needed: number | null;
}

/** Loads that are nearer than that to each other are one: chosen, as differences below it are no capacity to plan with. */
export const LEAST_STEP = 1.05;

interface Known {
  mode: ServerMode;
  judged: readonly Judged[];
  planned: readonly Planned[];
  /** The most loads to propose. */
  most: number;
}

/** @param capacity - of the same rungs, as the report gives it. */
export function nextOf(capacity: Capacity, { mode, judged, planned, most }: Known): Next {
  const { met, missed, undecided, unproven } = capacity;
  if (met !== null && missed !== null && met > missed) return { state: 'not-monotone', met, missed };
  if (met === null && missed === null) return { state: 'undecided' };
  const open = [...undecided, ...unproven].toSorted((one, other) => one - other);
  const above = open.find((load) => load > (met ?? 0) && load < (missed ?? Infinity)) ?? null;
  const next = met === null ? null : (above ?? missed);
  const waiting = planned.filter(({ load }) => load > (met ?? 0) && load < (next ?? missed ?? Infinity));
  if (waiting.length > 0) return { state: 'planned', planned: waiting };
  if (met === null) {
    // What is undecided below it has to be decided first.
    if (above !== null) return { state: 'undecided' };
    const lower = half(mode, missed!);
    return lower === null ? { state: 'lowest', missed: missed! } : { state: 'lower', missed: missed!, loads: [lower] };
  }
  if (next === null) return { state: 'higher', met, loads: [twice(met)] };
  const of = above === null ? 'missed' : unproven.includes(above) ? 'unproven' : 'undecided';
  const why = resolvedBy(mode, [met, next], of === 'missed' ? judged : []);
  if (why !== null && of === 'missed') return { state: 'resolved', met, missed: next, why };
  const loads = why === null ? loadsBetween(mode, [met, next], most) : [];
  return { state: 'between', met, next, of, loads };
}

function resolvedBy(mode: ServerMode, [met, next]: [number, number], judged: readonly Judged[]): Resolved | null {
  if (mode === 'closed-loop' && next - met <= 1) return { by: 'whole' };
  if (next / met <= LEAST_STEP) return { by: 'step' };
  const [low, high] = [met, next].map((load) => judged.find((one) => one.load === load));
  if (!low || !high || !isOfServer(low.rung) || !isOfServer(high.rung)) return null;
  const failed = targetsOf(high.rung).filter(({ verdict }) => verdict === 'FAIL');
  const metrics = [...new Set(failed.map(({ metric }) => metric))];
  const overlap = metrics.every((metric) => overlaps(low, high, metric));
  return overlap && metrics[0] !== undefined ? { by: 'overlap', metric: metrics[0] } : null;
}

/** Whether the intervals over repetitions at two loads are known, and overlap. */
function overlaps(one: Judged, other: Judged, metric: string): boolean {
  const [a, b] = [estimateOf(one.rung, metric), estimateOf(other.rung, metric)];
  if (a.low === null || a.high === null || b.low === null || b.high === null) return false;
  return a.low <= b.high && b.low <= a.high;
}

/** The loads that the number of requests leaves undecided, among those that the capacity depends on. */
export function undecidedOf({ met, missed }: Capacity, judged: readonly Judged[]): UndecidedRung[] {
  return judged
    .filter(({ verdict, load }) => verdict === 'UNDECIDED' && load > (met ?? 0) && load < (missed ?? Infinity))
    .map(({ rung, load }) => {
      const found = rung.rows.flatMap((row) => {
        const requests = row.metrics.find(({ name }) => name === 'requests')?.value ?? null;
        return row.gates.filter(isUndecided).map((gate) => ({ gate, requests, needed: neededFor(row.metrics, gate) }));
      });
      const needed = found.map((one) => one.needed);
      const requests = found.flatMap((one) => one.requests ?? []);
      return {
        load,
        gates: [...new Set(found.map(({ gate }) => gate.name))],
        requests: requests.length === 0 ? null : Math.min(...requests),
        needed: needed.some((one) => one === null) ? null : Math.max(...needed.map((one) => one!)),
      };
    });
}

const isUndecided = ({ judges, verdict }: GateResult): boolean => judges === 'target' && verdict === 'UNDECIDED';

function neededFor(metrics: Judged['rung']['rows'][number]['metrics'], gate: GateResult): number | null {
  const metric = metrics.find(({ name }) => name === gate.metric);
  const requests = metrics.find(({ name }) => name === 'requests')?.value ?? null;
  return metric === undefined || requests === null ? null : requestsToDecide(gate, metric, requests);
}
