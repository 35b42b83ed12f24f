import { studyTexts } from './texts.ts';
import type { Study } from './study.ts';
import type { Problem } from '../yaml/problem.ts';
import type { Execution, MonotoneSetting } from './types.ts';

// Chosen: without a bound, a machine that never cools down would stop a study for ever.
const LONGEST_WAIT_S = 300;

/** The execution settings of a study, with defaults for those that its author left out. */
export function readExecution({ execution }: Pick<Study, 'execution'>, monotone: MonotoneSetting[]): Execution {
  const { gap, stop_after, ...others } = execution;
  const cycle_s = Math.max(gap.min_s, gap.cycle_s ?? 0);
  const longest = gap.until ? Math.max(LONGEST_WAIT_S, cycle_s) : null;
  const max_s = gap.max_s === undefined ? longest : gap.max_s;
  return {
    gap: { min_s: gap.min_s, cycle_s, max_s, until: gap.until ?? null },
    ...others,
    stop_after_same_failure: stop_after.same_failure,
    monotone,
  };
}

/** Refuses a gap whose bounds contradict each other. */
export function checkGap({ execution: { gap } }: Pick<Study, 'execution'>, problems: Problem[]): void {
  if (typeof gap.max_s !== 'number') return;
  const key = gap.max_s < gap.min_s ? 'min_s' : 'cycle_s';
  const least = gap[key] ?? 0;
  if (gap.max_s < least)
    problems.push({
      at: ['execution', 'gap', 'max_s'],
      value: gap.max_s,
      ...studyTexts.gapOrder(key, least, gap.max_s),
    });
}
