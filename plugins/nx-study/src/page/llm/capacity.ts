import { isotonic } from '../../analysis/isotonic.ts';
import { verdictOf } from '../../kinds/gates.ts';
import type { GateResult, Verdict } from '../../kinds/gates.ts';
import { sum } from '../../kinds/llm-inference/statistics.ts';
import { estimateOf, throughputOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

/** How much load a ladder carries within the targets of its study. Loads are users at once, or requests per s. */
export interface Capacity {
  targets: GateResult[];
  /** The highest load at which all repetitions met all targets; null where none did. */
  met: number | null;
  /** The lowest load at which one missed one; null where none did. */
  missed: number | null;
  undecided: number[];
  /** Where the fit crosses the first target between `met` and `missed`: no measurement. null where it doesn't, or they don't follow each other. */
  estimate: number | null;
}

/** Where throughput stops growing. */
export interface Knee {
  /** The highest throughput, in tok/s, and the load at which it was measured. */
  peak: number;
  at: number;
  /** The lowest load with `SHARE` of the peak. */
  load: number;
}

/** Chosen: beyond it, load buys waiting rather than output. */
export const SHARE = 0.9;

/** @param rungs - in the order of their load. @returns null where the study sets no target for them. */
export function capacityOf(rungs: readonly Subject[]): Capacity | null {
  const judged = judgedRungs(rungs);
  if (judged.length === 0) return null;
  const loadsOf = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted).map(({ load }) => load);
  const met = loadsOf('PASS').at(-1) ?? null;
  const missed = loadsOf('FAIL')[0] ?? null;
  const targets = [...new Map(judged.flatMap(({ rung }) => targetsOf(rung)).map((gate) => [gate.name, gate])).values()];
  const estimate = met === null || missed === null || met > missed ? null : crossing(judged, targets, [met, missed]);
  return { targets, met, missed, undecided: loadsOf('UNDECIDED'), estimate };
}

/** What all repetitions of each load say of the targets together; a load without a target is left out. */
export const judgedRungs = (rungs: readonly Subject[]): Judged[] =>
  rungs.flatMap((rung) => {
    const verdict = verdictOf(targetsOf(rung));
    return verdict === null ? [] : [{ rung, load: rung.load!, verdict }];
  });

/** @param rungs - in the order of their load. @returns null for fewer than two with a throughput. */
export function kneeOf(rungs: readonly Subject[]): Knee | null {
  const known = rungs.flatMap((rung) => {
    const { value } = estimateOf(rung, throughputOf(rung).metric);
    return value === null ? [] : [{ load: rung.load!, value }];
  });
  if (known.length < 2) return null;
  const highest = known.reduce((best, one) => (one.value > best.value ? one : best));
  return {
    peak: highest.value,
    at: highest.load,
    load: known.find(({ value }) => value >= SHARE * highest.value)!.load,
  };
}

export const targetsOf = ({ rows }: Pick<Subject, 'rows'>): GateResult[] =>
  rows.flatMap(({ gates }) => gates.filter(({ judges }) => judges === 'target'));

export interface Judged {
  rung: Subject;
  load: number;
  verdict: Verdict;
}

/** The least load at which the fit of a target's metric crosses its threshold, log-linear between two rungs of the bracket. */
function crossing(
  judged: readonly Judged[],
  targets: readonly GateResult[],
  [met, missed]: [number, number],
): number | null {
  const found = targets.flatMap(({ name, passes, threshold }) => {
    const sign = passes === 'below' ? 1 : -1;
    const known = judged.flatMap(({ rung, load }) => {
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

const mean = (values: readonly number[]) => sum(values) / values.length;
