import type { MeasureTask } from '../../graph/task.ts';
import type { Size } from '../../worker/size.ts';
import type { Standing } from '../../state/standing.ts';

/** What `plan` shows of a measurement's standing. */
export type Planned = Pick<Standing, 'state' | 'reason' | 'next' | 'why'>;

export const plannedOf = ({ state, reason, next, why }: Standing): Planned => ({ state, reason, next, why });

export interface PlannedTask<P extends Planned = Planned> {
  task: MeasureTask;
  standing: P;
  /** What the worker's check says of its model; null where it says nothing, or nobody asked it. */
  size?: Size | null;
}
