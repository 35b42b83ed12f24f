import type { MeasureTask } from '../../graph/task.ts';

type Named = Pick<MeasureTask, 'study' | 'label' | 'repetition'>;

/** `nx-study: senate-beta-prior normal r2 (supervisor)`: what `ps` and `top` show of this process. */
export function showTitle({ study, label, repetition }: Named, role: string): void {
  // Slurm's `proctrack/linuxproc` finds no process whose name has spaces, and so could not end it.
  if (process.env['SLURM_JOB_ID']) return;
  const r = repetition > 1 ? ` r${repetition}` : '';
  process.title = `nx-study: ${study} ${label}${r} (${role})`;
}
