import { expect } from 'vitest';
import { kindOf } from '../../../plugins/nx-study/src/kinds/index.ts';
import type { Evidence, Workload } from '../../../plugins/nx-study/src/kinds/kind.ts';
import { derivedSchema } from '../../../plugins/nx-study/src/record/schema.ts';
import { resultSchema } from '../../../plugins/nx-study/src/worker/result.ts';

export const payload = {
  sampler: {
    name: 'nutpie NUTS',
    chains: 4,
    tune: 1000,
    draws: 1000,
    target_accept: 0.9,
    max_treedepth: 10,
    adaptation: 'diag',
    cores: 2,
  },
  observations: 5240,
  parameters: 221,
  timings: { import_s: 6.2, data_s: 0.1, build_s: 0.4, compile_s: 5.1, sample_s: 20, write_s: 0.2 },
  memory: { rss_peak_bytes: 431_000_000 },
  versions: { python: '3.12.1', nutpie: '0.16.11' },
  data: { cells: { observed: 5240 } },
  start: { positions: 'first principal component' },
  warnings: [],
};

export const diagnostics = {
  variables: {
    xi: {
      size: 101,
      rhat_max: 1.004,
      ess_bulk_min: 812.4,
      ess_tail_min: 655.2,
      mcse_mean_max: 0.012,
      mcse_sd_max: 0.01,
      gated: true,
    },
    beta: {
      size: 60,
      rhat_max: 1.0061,
      ess_bulk_min: 700,
      ess_tail_min: 900,
      mcse_mean_max: 0.02,
      mcse_sd_max: 0.01,
      gated: true,
    },
    log_density: {
      size: 1,
      rhat_max: 1.2,
      ess_bulk_min: 20,
      ess_tail_min: 30,
      mcse_mean_max: 1,
      mcse_sd_max: 1,
      gated: false,
    },
  },
  divergences: 0,
  ebfmi: [0.91, 0.87, 0.99, 0.9],
  ebfmi_min: 0.87,
  tree_depth: { max: 6, limit: 10, at_limit: 0 },
  gradients: 123_456,
  draws_kept: { chains: 4, draws: 1000 },
  sections: { 'ideal-point': { free: 'form' } },
  reasons: {},
};

export const resultOf = (kind: string, content: object) =>
  resultSchema.parse({ protocol: 1, kind, partial: false, payload: content, files: [] });

export const derivedOf = (content: object | null, message: string | null = null) =>
  derivedSchema.parse({
    deriving: 'd'.repeat(64),
    derived_at: '2026-03-01T10:00:40Z',
    outcome: content === null ? 'failed' : 'derived',
    payload: content,
    message,
  });

/** Evidence of a posterior, with parts of its documents replaced. */
export const posteriorEvidence = (changes: { payload?: object; derived?: object } = {}): Evidence => ({
  result: resultOf('posterior', { ...payload, ...changes.payload }),
  derived: derivedOf({ ...diagnostics, ...changes.derived }),
});

/** The only part of a result of a kind without several. */
export function partOf(kind: string, evidence: Evidence): Workload {
  const [part, ...others] = kindOf(kind).workloads(evidence);
  expect(others).toEqual([]);
  return part!;
}
