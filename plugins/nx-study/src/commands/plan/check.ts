import type { Checked, InputProblem } from '../../check/answer.ts';
import { openChecks } from '../../check/open.ts';
import type { Worker } from '../../worker/manifest.ts';
import { hindered } from '../../state/next.ts';
import type { PlannedTask } from './planned.ts';

/** What the checks before the start say of measurements. */
export interface InputNote {
  /** `refuses`: on this machine. */
  effect: 'fails' | 'refuses' | 'unchecked';
  message: string;
  measurements: number;
  /** Of these measurements. */
  ids: string[];
  /** Those that the study declares to fail. */
  expected: number;
  problems: InputProblem[];
}

/** Adds to where measurements stand whether what they read can be used, and collects what is wrong with it. */
export async function inputPreview(
  workspaceRoot: string,
  workers: ReadonlyMap<string, Worker>,
  planned: readonly PlannedTask[],
): Promise<{ planned: PlannedTask[]; notes: InputNote[] }> {
  const check = openChecks(workspaceRoot);
  const notes = new Map<string, InputNote>();
  const result: PlannedTask[] = [];
  for (const one of planned) {
    const { task, standing } = one;
    const checked = standing.next === 'measure' ? await check(task, workers.get(task.worker)!) : null;
    if (checked === null || checked.state === 'fine') {
      result.push({ ...one, size: checked?.size ?? null });
      continue;
    }
    const problems = checked.state === 'wrong' ? checked.problems : [];
    const why = checked.state === 'wrong' ? problems.map(({ message }) => message).join('; ') : checked.reason;
    const effect = effectOf(checked);
    const note = notes.get(why) ?? { effect, message: why, measurements: 0, ids: [], expected: 0, problems };
    const expected = note.expected + (task.expect === 'failed' ? 1 : 0);
    notes.set(why, { ...note, measurements: note.measurements + 1, ids: [...note.ids, task.id], expected });
    const next = effect === 'refuses' ? 'refuse' : 'fail';
    result.push({ task, standing: hindered(standing, next, effect === 'unchecked' ? null : why) });
  }
  return { planned: result, notes: [...notes.values()] };
}

function effectOf(checked: Exclude<Checked, { state: 'fine' }>): InputNote['effect'] {
  if (checked.state === 'unchecked') return 'unchecked';
  return checked.type === 'platform' ? 'refuses' : 'fails';
}
