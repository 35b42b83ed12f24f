type Normal = () => number;

interface Simulation {
  simulations: number;
  normal: Normal;
}

export function normals(seed: number): Normal;

export function coverage(
  options: Simulation & { sigma: number; n: number },
): Record<'center' | 'mean' | 'paired' | 'welch' | 'welchDifference', number>;

export function nullStudy(
  options: Simulation & { sigma: number; n: number; comparisons: number },
): Record<'called' | 'uncorrected', number>;

interface QuantileSimulation extends Simulation {
  p: number;
  /** Natural logarithm of the quantile, in units of sigma. */
  trueLog: number;
  requests: number;
}

export function processCoverage(options: QuantileSimulation & { n: number }): number | null;

export function orderCoverage(options: QuantileSimulation): number | null;

export function nullDrift(options: Simulation & { experiments: number; n: number; workloads?: number }): number;
