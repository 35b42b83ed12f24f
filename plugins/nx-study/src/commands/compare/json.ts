import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { VersionEntry, Versions } from './versions.ts';

/** The comparison for programs. A number or verdict that there is none of is null, and `reason` says why. */
export function jsonOf({ study, differs, in_turns, entries, only, warnings }: Versions): object {
  return {
    study,
    is_worse: entries.some(({ is_worse }) => is_worse),
    in_turns,
    differs,
    warnings,
    only_here: only.here,
    only_base: only.base,
    comparisons: entries.map(entryOf),
  };
}

function entryOf({ alternative, metric, base, here, against, verdict, is_worse }: VersionEntry): object {
  const found = isAbsent(against)
    ? { estimate: against, interval: against, n: { pairs: null }, p_adjusted: null }
    : against;
  const { estimate, interval, n, p_adjusted } = found;
  return {
    experiment: alternative.experiment,
    label: alternative.label,
    workload: alternative.workload,
    metric: metric.name,
    unit: metric.unit,
    scale: metric.scale,
    base: valueOf(base, ({ mean }) => mean),
    here: valueOf(here, ({ mean }) => mean),
    estimate: valueOf(estimate, (value) => value),
    low: valueOf(interval, ({ low }) => low),
    high: valueOf(interval, ({ high }) => high),
    pairs: n.pairs,
    p_holm: p_adjusted,
    verdict: isAbsent(verdict) ? null : verdict,
    is_worse,
    reason: isAbsent(verdict) ? verdict.reason : null,
  };
}

const valueOf = <T, U>(value: T | Absent, pick: (value: T) => U): U | null => (isAbsent(value) ? null : pick(value));
