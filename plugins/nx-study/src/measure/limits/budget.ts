import { limitTexts } from './texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Execution } from '../../plan/types.ts';
import { currentIdentity } from '../../graph/current.ts';
import { earlierTimes, earlierTimesOfInput } from './defaults.ts';

interface Circumstances {
  workspaceRoot: string;
  runStart: Date;
  stop: { signal: AbortSignal };
}

/** As `outOfTime`, by how long its experiment took before: with the same files and models, or else with any. */
export async function noTimeFor(
  { workspaceRoot, runStart, stop: { signal } }: Circumstances,
  task: MeasureTask,
): Promise<string | null> {
  const { execution } = task;
  if (execution.budget_s === null && execution.until === null) return null;
  const late = (times: number[]) => outOfTime(execution, runStart, Math.max(0, ...times));
  const withAny = late(await earlierTimes(workspaceRoot, task));
  // Without need no file is read.
  if (withAny === null) return null;
  const now = await currentIdentity(workspaceRoot, task, { signal }).catch(() => null);
  const ofInput = now === null ? [] : await earlierTimesOfInput(workspaceRoot, task, now.identity);
  return ofInput.length === 0 ? withAny : late(ofInput);
}

/**
 * Why a measurement is not started any more in this run of the study; null when there is time for it.
 * `runStart` is when Nx was started; `expected_s` what the measurement will take, as far as is known.
 */
export function outOfTime(
  { budget_s, until }: Pick<Execution, 'budget_s' | 'until'>,
  runStart: Date,
  expected_s: number,
  now = new Date(),
): string | null {
  const end = now.getTime() + expected_s * 1000;
  if (budget_s !== null && end > runStart.getTime() + budget_s * 1000) return limitTexts.budget(budget_s);
  if (until !== null && end > nextAfter(runStart, until).getTime()) return limitTexts.until(until);
  return null;
}

/** The first time after a moment at which a clock on the wall shows so many hours and minutes. */
export function nextAfter(moment: Date, clock: string): Date {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  const next = new Date(moment);
  next.setHours(hours, minutes, 0, 0);
  if (next <= moment) next.setDate(next.getDate() + 1);
  return next;
}
