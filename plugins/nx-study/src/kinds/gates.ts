import type { Gate, Kind, Metric } from './kind.ts';

export interface GateResult {
  name: string;
  metric: string;
  passes: Gate['passes'];
  threshold: number;
  default_threshold: number;
  /** Whether the study's threshold lets more pass than the default. A stricter one is not relaxed. */
  relaxed: boolean;
  value: number | null;
  verdict: Verdict;
  /** Why it failed; null when it passed. */
  reason: string | null;
}

export type Verdict = 'PASS' | 'FAIL';

/**
 * Compares metrics with a kind's gates, in the order of the gates. A gate passes only when its metric is strictly below or
 * above the threshold; a metric without a value, or NaN, fails.
 * @param thresholds - the study's own, by gate name; others keep the kind's default, and unknown names are ignored.
 */
export function evaluateGates(
  gates: Kind['gates'],
  metrics: readonly Metric[],
  thresholds: Readonly<Record<string, number>>,
): GateResult[] {
  return gates.map((gate) => evaluate(gate, metrics, thresholds));
}

/** FAIL when one gate failed; null for a kind without gates. */
export function verdictOf(results: readonly GateResult[]): Verdict | null {
  if (results.length === 0) return null;
  return results.every(({ verdict }) => verdict === 'PASS') ? 'PASS' : 'FAIL';
}

/** `<` or `>`. */
export const comparison = (passes: Gate['passes']): '<' | '>' => (passes === 'below' ? '<' : '>');

function evaluate(gate: Gate, metrics: readonly Metric[], thresholds: Readonly<Record<string, number>>): GateResult {
  const { name, passes } = gate;
  const threshold = Object.hasOwn(thresholds, name) ? thresholds[name]! : gate.threshold;
  const metric = metrics.find((one) => one.name === gate.metric);
  const value = metric?.value ?? null;
  const reason = failing(gate, threshold, value, metric);
  return {
    name,
    metric: gate.metric,
    passes,
    threshold,
    default_threshold: gate.threshold,
    relaxed: isLooser(passes, threshold, gate.threshold),
    value,
    verdict: reason === null ? 'PASS' : 'FAIL',
    reason,
  };
}

// Written so that NaN never passes.
function failing(gate: Gate, threshold: number, value: number | null, metric: Metric | undefined): string | null {
  if (value === null) return metric?.reason ?? `no metric ${gate.metric}`;
  if (isWithin(gate.passes, value, threshold)) return null;
  return `${gate.metric} is ${value}, must be ${comparison(gate.passes)} ${threshold}`;
}

const isWithin = (passes: Gate['passes'], value: number, threshold: number) =>
  passes === 'below' ? value < threshold : value > threshold;

// NaN counts as looser: it is not the default, so it must be shown.
const isLooser = (passes: Gate['passes'], threshold: number, standard: number) =>
  threshold !== standard && !isWithin(passes, threshold, standard);
