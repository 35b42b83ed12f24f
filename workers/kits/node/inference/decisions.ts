/** `warmup` of a configuration. */
export interface WarmupRules {
  min_iterations: number;
  max_iterations: number;
  min_s: number;
  max_s: number;
  /** How many of the last samples are looked at. */
  window: number;
  /** null: a fixed number of calls. */
  target_cv: number | null;
}

export interface WarmupVerdict {
  stop: boolean;
  /** null when nothing was to converge, or there was too little to tell within `max_iterations`. Not by `max_s`: that is false. */
  converged: boolean | null;
  cv: number | null;
}

/** Whether to go on warming up after the durations so far; call it with none before the first. */
export function warmupVerdict(rules: WarmupRules, samples: readonly number[], elapsed_s: number): WarmupVerdict {
  const { min_iterations, max_iterations, min_s, max_s, window, target_cv } = rules;
  const cv = coefficientOfVariation(samples, window);
  const converged = target_cv === null || cv === null ? null : cv <= target_cv;
  if (samples.length >= max_iterations) return { stop: true, converged, cv };
  if (samples.length < min_iterations || elapsed_s < min_s) return { stop: false, converged: null, cv };
  if (elapsed_s >= max_s) return { stop: true, converged: target_cv === null ? null : (converged ?? false), cv };
  const stop = target_cv === null || converged === true;
  return { stop, converged: stop ? converged : null, cv };
}

/** Sample standard deviation over mean of the last `window` samples; null when there are fewer, or fewer than two. */
export function coefficientOfVariation(samples: readonly number[], window: number): number | null {
  if (window < 2 || samples.length < window) return null;
  const last = samples.slice(-window);
  const mean = last.reduce((sum, value) => sum + value, 0) / window;
  if (mean === 0) return null;
  const squares = last.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (window - 1)) / mean;
}

/** `measure` of a configuration. */
export interface MeasureRules {
  iterations: number;
  min_s: number;
  max_s: number;
  memory_iterations: number;
}

/** Why measuring ends now, or null: it goes on. */
export function stoppedBy(rules: MeasureRules, iterations: number, elapsed_s: number): 'enough' | 'max_s' | null {
  if (iterations === 0) return null;
  if (iterations >= rules.iterations && elapsed_s >= rules.min_s) return 'enough';
  return elapsed_s >= rules.max_s ? 'max_s' : null;
}
