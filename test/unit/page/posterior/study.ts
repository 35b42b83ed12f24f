import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import type { Comparisons } from '../../../../plugins/nx-study/src/comparisons/compare.ts';
import { comparisonsOf } from '../../../../plugins/nx-study/src/comparisons/compare.ts';
import { studyPage } from '../../../../plugins/nx-study/src/page/study-page.ts';
import type { Experiment, Plan } from '../../../../plugins/nx-study/src/plan/types.ts';
import type { Results } from '../../../../plugins/nx-study/src/state/rows.ts';
import { diagnostics } from '../../kinds/evidence.ts';
import type { Attempt } from '../../commands/report/workspace.ts';
import { planOf, workspaceOf } from '../../commands/report/workspace.ts';

export interface Given {
  /** What was derived; null for an experiment that wasn't measured. */
  derived: JsonObject | null;
  attempt?: Partial<Attempt>;
  settings?: Partial<Experiment>;
}

/** The results of a study of posteriors by label; the first one is the baseline. */
export async function posteriorStudy(
  given: Record<string, Given>,
  changes: Partial<Plan> = {},
): Promise<{ results: Results; render: (columns: number) => Promise<string> }> {
  const labels = Object.keys(given);
  const plan = planOf(Object.fromEntries(labels.map((label) => [label, given[label]!.settings ?? {}])), 1, {
    baseline: [`${labels[0]}-1a2b3c4d`],
    ...changes,
  });
  const { write, results, render } = await workspaceOf(plan);
  for (const [label, { derived, attempt }] of Object.entries(given))
    if (derived !== null) await write({ id: `${label}-1a2b3c4d`, derived, ...attempt });
  return { results: await results(), render };
}

export async function pageOf(...study: Parameters<typeof posteriorStudy>): Promise<string> {
  const { results } = await posteriorStudy(...study);
  const source = { study: null, studyFile: 'studies/mine/study.yaml', version: '1.2.3', files: [] };
  return studyPage({ results, comparisons: comparisonsOf(results), source });
}

/** The part of a page from a section's beginning to its end; empty where it has none. */
export function sectionOf(page: string, id: string): string {
  const from = page.indexOf(`<section id="posterior-${id}"`);
  return from === -1 ? '' : page.slice(from, page.indexOf('</section>', from));
}

/** The parts that the worker `ideal-point` derives and the fixtures have not: of as many roll calls, four chains, two parties. */
export function withParts(derived: JsonObject, rollcalls = 7): JsonObject {
  const names = Array.from({ length: rollcalls }, (_, index) => `call-${index + 1}`);
  const summary = (mean: number) => ({ mean, sd: 0.1, eti90: [mean - 0.2, mean + 0.2] });
  const replicated = (observed: number) => ({
    votes: 20,
    correct_share: 0.9,
    observed_share: observed,
    replicated_mean: observed + 0.01,
    replicated_eti90: [observed - 0.1, observed + 0.1],
  });
  const sections = derived['sections'] as { 'ideal-point': JsonObject };
  return {
    ...derived,
    sections: {
      'ideal-point': {
        ...sections['ideal-point'],
        parties: { members: { D: 5, R: 7 }, pair: ['D', 'R'] },
        sign: { per_chain_correlation_with_pc1: [0.98, 0.97, 0.98, 0.96], negative_draw_share: [0, 0, 0, 0.01] },
        correlation_with_pc1: { overall: 0.979, within_party: { D: 0.8, R: 0.85 } },
        rollcalls: names.map((rollcall, index) => ({
          rollcall,
          recoded: index === 0,
          aligned: { alpha: summary(index - 3), beta: summary(index / 2) },
        })),
        fit: { correct_share: 0.883, majority_share: 0.667, apre: 0.65 },
        predictive: {
          by_party: { D: replicated(0.2), R: replicated(0.7) },
          legislators: { count: 12, outside_eti90: 1 },
          rollcalls: { count: rollcalls, outside_eti90: 0 },
          correct_share: { legislator: Array(12).fill(0.9), rollcall: names.map((_, index) => 0.5 + index / 100) },
        },
      },
    },
  };
}

/** The results of one experiment `flat` with simulated fits, by repetition; null for one that wasn't measured. */
export async function calibrationStudy(
  calibrations: readonly (object | null)[],
): Promise<{ results: Results; comparisons: Comparisons; page: string; render: (columns: number) => Promise<string> }> {
  const { write, results: read, render } = await workspaceOf(planOf({ flat: {} }, calibrations.length));
  for (const [index, calibration] of calibrations.entries()) {
    const id = `flat-1a2b3c4d${index === 0 ? '' : `-r${index + 1}`}`;
    const derived = { ...diagnostics, sections: {}, estimates: {}, calibration } as unknown as JsonObject;
    if (calibration !== null) await write({ id, derived });
  }
  const results = await read();
  const comparisons = comparisonsOf(results);
  const source = { study: null, studyFile: 'studies/mine/study.yaml', version: '1.2.3', files: [] };
  return { results, comparisons, page: studyPage({ results, comparisons, source }), render };
}
