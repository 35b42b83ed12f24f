import type { Comparisons } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import type { Results } from '../../../plugins/nx-study/src/state/rows.ts';
import type { Attempt } from '../commands/report/workspace.ts';
import { planOf, workspaceOf } from '../commands/report/workspace.ts';

/** Experiment → its `values` payload in each repetition; null where it wasn't measured. */
export type Values = Record<string, (Record<string, number | null> | null)[]>;

/** A study whose experiments were measured with these values; the first one is the baseline. */
export async function measuredStudy(
  values: Values,
  changes: Partial<Plan> = {},
  of: (label: string, repetition: number) => Partial<Attempt> = () => ({}),
): Promise<{
  results: Results;
  comparisons: Comparisons;
  render: (columns: number) => Promise<string>;
  markdown: () => Promise<string>;
}> {
  const labels = Object.keys(values);
  const times = Math.max(...Object.values(values).map(({ length }) => length));
  const plan = planOf(Object.fromEntries(labels.map((label) => [label, {}])), times, {
    baseline: [`${labels[0]}-1a2b3c4d`],
    ...changes,
  });
  const { write, results, render, markdown } = await workspaceOf(plan);
  for (const [label, repetitions] of Object.entries(values))
    for (const [index, payload] of repetitions.entries()) {
      const id = `${label}-1a2b3c4d${index === 0 ? '' : `-r${index + 1}`}`;
      if (payload !== null) await write({ id, kind: 'values', payload, derived: null, ...of(label, index + 1) });
    }
  const found = await results();
  return { results: found, comparisons: comparisonsOf(found), render, markdown };
}

export const timesOf = (...seconds: (number | null)[]) => seconds.map((time_s) => ({ time_s }));
