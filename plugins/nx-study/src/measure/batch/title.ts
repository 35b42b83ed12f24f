import type { MeasureTask } from '../../graph/task.ts';

type Named = Pick<MeasureTask, 'study' | 'label' | 'repetition'>;

/** `nx-study: senate-beta-prior normal r2 (supervisor)`: what `ps` and `top` show of this process. */
export function showTitle({ study, label, repetition }: Named, role: string): void {
  const r = repetition > 1 ? ` r${repetition}` : '';
  process.title = `nx-study: ${study} ${label}${r} (${role})`;
}
