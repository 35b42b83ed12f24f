import type { Run } from '../entry.ts';
import type { Outcome } from '../result.ts';
import type { Engine } from './engine.ts';

export interface MeasureOptions {
  /** A node_modules folder in which `koffi` may lie: with it NVIDIA's counters can be read. */
  modules?: string | undefined;
}

/**
 * Measures all workloads of the configuration; the payload is an `llm-inference` one. Phases: importing, loading, idle,
 * first-call, then for each workload warming-up, measuring, prefilling, memory, energy; at last teardown, when the
 * result is on the disk.
 */
export async function measureInference(_task: Run, _engine: Engine, _options: MeasureOptions = {}): Promise<Outcome> {
  throw new Error('not written yet');
}
