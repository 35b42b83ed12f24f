import { verdictOf } from '../../kinds/gates.ts';
import { targetsOf } from '../../page/llm/capacity.ts';
import type { Capacity, Judged } from '../../page/llm/capacity.ts';
import { estimateOf } from '../../page/llm/subjects.ts';
import type { Estimate } from '../../page/llm/subjects.ts';

/** What was measured at an end of a ladder's bracket. */
export interface BracketEnd {
  load: number;
  /** Each metric with a target, over the repetitions. */
  metrics: { name: string; estimate: Estimate }[];
  /** How many repetitions miss a target, of all. */
  missed: number;
  of: number;
}

/** The ends of a bracket: the highest load that meets all targets, and the lowest that misses one; those that there are. */
export const bracketOf = ({ met, missed }: Capacity, judged: readonly Judged[]): BracketEnd[] =>
  judged.filter(({ load }) => load === met || load === missed).map(endOf);

function endOf({ rung, load }: Judged): BracketEnd {
  const names = [...new Set(targetsOf(rung).map(({ metric }) => metric))];
  const verdicts = rung.rows.map((row) => verdictOf(targetsOf({ rows: [row] })));
  return {
    load,
    metrics: names.map((name) => ({ name, estimate: estimateOf(rung, name) })),
    missed: verdicts.filter((verdict) => verdict === 'FAIL').length,
    of: verdicts.length,
  };
}
