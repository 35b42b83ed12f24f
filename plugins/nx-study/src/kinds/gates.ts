import type { Gate, Kind, Metric } from './kind.ts';
import { gateReasons } from './texts.ts';

export interface GateResult {
  name: string;
  /** The metric that was judged. */
  metric: string;
  passes: Gate['passes'];
  judges: Gate['judges'];
  threshold: number;
  /** null for a gate that holds only where a study sets it. */
  default_threshold: number | null;
  /** Whether the study's threshold lets more pass than the default. A stricter one is not relaxed. */
  relaxed: boolean;
  value: number | null;
  verdict: Verdict;
  /** What counts for the verdict and is not in the value, such as requests that failed; null where there is nothing. */
  counted: string | null;
  /** Why it did not pass; null when it passed. */
  reason: string | null;
}

/** UNDECIDED where what was measured allows neither: the threshold lies within the bounds of the value. */
export type Verdict = 'PASS' | 'FAIL' | 'UNDECIDED';

/**
 * Compares metrics with a kind's gates, in the order of the gates. A gate passes only when its metric is strictly below or
 * above the threshold; a metric without a value, or NaN, fails. A metric with bounds passes or fails only when both its bounds
 * do; between them it is undecided.
 * @param thresholds - the study's own, by gate name; others keep the kind's default, and unknown names are ignored. A gate
 *   without either is left out, and so is one that does not apply.
 */
export function evaluateGates(
  gates: Kind['gates'],
  metrics: readonly Metric[],
  thresholds: Readonly<Record<string, number>>,
): GateResult[] {
  return gates.flatMap((gate) => {
    const threshold = Object.hasOwn(thresholds, gate.name) ? thresholds[gate.name]! : gate.threshold;
    const applies = gate.applies?.(metrics) ?? true;
    if (threshold === null || !applies) return [];
    const judged = { ...gate, metric: gate.metricOf?.(metrics) ?? gate.metric };
    return [
      evaluate(
        judged,
        threshold,
        metrics.find(({ name }) => name === judged.metric),
      ),
    ];
  });
}

/** FAIL when one gate failed, else UNDECIDED when one is; null without gates. */
export function verdictOf(results: readonly GateResult[]): Verdict | null {
  if (results.length === 0) return null;
  const found = new Set(results.map(({ verdict }) => verdict));
  return found.has('FAIL') ? 'FAIL' : found.has('UNDECIDED') ? 'UNDECIDED' : 'PASS';
}

/** `<` or `>`. */
export const comparison = (passes: Gate['passes']): '<' | '>' => (passes === 'below' ? '<' : '>');

/** `ttft_p95_s < 0.5`; of a target that judges another metric, that too: `ttft_p95_s < 0.5 (of ttft_due_p95_s)`. */
export const limitText = (gate: GateResult): string => {
  const { name, metric, passes, threshold } = gate;
  return `${name} ${comparison(passes)} ${threshold}${isOfAnother(gate) ? ` (of ${metric})` : ''}`;
};

/** The name under which a verdict stands: `ttft_p95_s`, or `ttft_p95_s (of ttft_due_p95_s)`. */
export const gateName = (gate: GateResult): string =>
  isOfAnother(gate) ? `${gate.name} (of ${gate.metric})` : gate.name;

// Limits of reliability have names of their own: `divergences_max` of `divergences`.
const isOfAnother = ({ name, metric, judges }: GateResult): boolean => judges === 'target' && name !== metric;

function evaluate(gate: Gate, threshold: number, metric: Metric | undefined): GateResult {
  const { name, passes, judges } = gate;
  return {
    name,
    metric: gate.metric,
    passes,
    judges,
    threshold,
    default_threshold: gate.threshold,
    relaxed: gate.threshold !== null && isLooser(passes, threshold, gate.threshold),
    value: metric?.value ?? null,
    counted: metric?.bounds?.counted?.what ?? null,
    ...judge(gate, threshold, metric),
  };
}

function judge(
  { passes, metric: name }: Gate,
  threshold: number,
  metric: Metric | undefined,
): Pick<GateResult, 'verdict' | 'reason'> {
  const value = metric?.value ?? null;
  const limit = { threshold, sign: comparison(passes) };
  const within = (one: number | null) => one !== null && isWithin(passes, one, threshold);
  if (metric?.bounds) {
    const { low, high, reason, counted } = metric.bounds;
    const because = (text: string) => [text, ...(counted ? [counted.what] : [])].join('; ');
    const [better, worse] = passes === 'below' ? [low, high] : [high, low];
    if (within(worse)) return { verdict: 'PASS', reason: null };
    if (better !== null && !within(better)) {
      const text =
        value === null ? gateReasons.boundBeyond(name, better, limit) : gateReasons.beyond(name, value, limit);
      return { verdict: 'FAIL', reason: because(text) };
    }
    return { verdict: 'UNDECIDED', reason: because(reason ?? gateReasons.undecided(name, [low, high], threshold)) };
  }
  if (value === null) return { verdict: 'FAIL', reason: metric?.reason ?? `no metric ${name}` };
  if (within(value)) return { verdict: 'PASS', reason: null };
  return { verdict: 'FAIL', reason: gateReasons.beyond(name, value, limit) };
}

// Written so that NaN never passes.
const isWithin = (passes: Gate['passes'], value: number, threshold: number) =>
  passes === 'below' ? value < threshold : value > threshold;

// NaN counts as looser: it is not the default, so it must be shown.
const isLooser = (passes: Gate['passes'], threshold: number, standard: number) =>
  threshold !== standard && !isWithin(passes, threshold, standard);
