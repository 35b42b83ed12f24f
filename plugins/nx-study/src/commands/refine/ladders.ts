import { valueAt } from '../../base/path.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { limitText } from '../../kinds/gates.ts';
import { capacityOf, judgedRungs } from '../../page/llm/capacity.ts';
import type { Capacity } from '../../page/llm/capacity.ts';
import { isLoadSetting, keyWithoutLoad, laddersIn, loadPathOf } from '../../page/llm/ladders.ts';
import type { Ladder, LoadPath } from '../../page/llm/ladders.ts';
import type { Experiment, Plan } from '../../plan/types.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Row } from '../../state/rows.ts';
import { nextOf, undecidedOf } from './next.ts';
import type { Next, Planned, UndecidedRung } from './next.ts';
import type { Wanted } from './study-change.ts';

/** A ladder of the report, and how it goes on. */
export interface Refined {
  ladder: Ladder;
  capacity: Capacity | null;
  /** Such as `ttft_p95_s < 1`. */
  targets: string[];
  /** null without a capacity. */
  next: Next | null;
  undecided: UndecidedRung[];
  /** The loads to add to the study; null without any, and where a load is no setting of its own. */
  wanted: Wanted | null;
}

/** All ladders that the report shows, those of one load included, and what to measure next of each. */
export function refinedLadders(
  comparisons: Comparisons,
  { plan, rows, most }: { plan: Plan; rows: readonly Row[]; most: number },
): Refined[] {
  return laddersIn({ comparisons }, 1)
    .flat()
    .map((ladder): Refined => {
      const capacity = capacityOf(ladder);
      if (capacity === null) return { ladder, capacity, targets: [], next: null, undecided: [], wanted: null };
      const judged = judgedRungs(ladder.rungs);
      const path = loadPathOf(ladder.mode);
      const nearest = judged.find(({ load }) => load === (capacity.met ?? capacity.missed)) ?? judged[0]!;
      const like = plan.experiments.find(({ id }) => id === nearest.rung.rows[0]!.experiment)!;
      const isSetting = isLoadSetting(nearest.rung.rows[0]!, path, nearest.load);
      const planned = isSetting ? plannedLoads(like, path, { plan, rows, ladder }) : [];
      const next = nextOf(capacity, { mode: ladder.mode, judged, planned, most });
      const loads = 'loads' in next ? next.loads : [];
      return {
        ladder,
        capacity,
        targets: capacity.targets.map(limitText),
        next,
        undecided: undecidedOf(capacity, judged),
        wanted: isSetting && loads.length > 0 ? { like, path, loads } : null,
      };
    });
}

/** Experiments of the plan that differ from one in the load only, and are no rung yet. */
function plannedLoads(
  like: Experiment,
  path: LoadPath,
  { plan, rows, ladder }: { plan: Plan; rows: readonly Row[]; ladder: Ladder },
): Planned[] {
  const measured = new Set(ladder.rungs.flatMap((rung) => rung.rows.map(({ experiment }) => experiment)));
  return plan.experiments
    .filter((one) => !measured.has(one.id) && keyWithoutLoad(one, path) === keyWithoutLoad(like, path))
    .map((one) => {
      const state = measurementsOf(rows).find(({ experiment }) => experiment === one.id)?.state ?? 'pending';
      const load = valueAt(one.configuration, path) as number;
      return { load, state: state === 'measured' ? 'measured, but its numbers can not be read' : state };
    })
    .toSorted((one, other) => one.load - other.load);
}
