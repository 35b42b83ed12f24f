import type { MeasureTask } from '../../graph/task.ts';
import type { Standing } from '../../state/standing.ts';

/** What `plan` shows of a measurement's standing. */
export type Planned = Pick<Standing, 'state' | 'reason' | 'next' | 'why'>;

export const plannedOf = ({ state, reason, next, why }: Standing): Planned => ({ state, reason, next, why });

export interface PlannedTask<P extends Planned = Planned> {
  task: MeasureTask;
  standing: P;
}
