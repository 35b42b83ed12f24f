import type { MeasureTask } from '../../graph/task.ts';

/** `[2/3] senate-beta-prior normal`, `… normal, repetition 2`. */
export function prefixOf(task: MeasureTask): string {
  const width = String(task.of).length;
  const repetition = task.repetition > 1 ? `, repetition ${task.repetition}` : '';
  return `[${String(task.index + 1).padStart(width)}/${task.of}] ${task.study} ${task.label}${repetition}`;
}
