import type { MeasureTask } from '../../graph/task.ts';
import { prefixOf } from '../batch/prefix.ts';

/** How a line about a job begins: with its measurement, or with the study where it makes several. */
export const headOf = (task: MeasureTask, of: number): string => (of === 1 ? prefixOf(task) : task.study);
