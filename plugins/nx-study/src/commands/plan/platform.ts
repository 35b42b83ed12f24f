import type { MeasureTask } from '../../graph/task.ts';
import { describeMachine } from '../../machine/description/describe.ts';
import { platformTexts } from '../../platform/texts.ts';
import { hindered } from '../../state/next.ts';
import type { PlannedTask } from './planned.ts';
import { fitnessOn } from '../../state/fitness.ts';
import type { Fitness } from '../../state/fitness.ts';

/** What this machine's fit says about measurements to come. */
export interface PlatformNote {
  /** `refuses`: nothing would be measured. `flags`: what is measured will say so. */
  effect: 'refuses' | 'flags';
  message: string;
  measurements: number;
  /** Of these measurements. */
  ids: string[];
}

/** Adds to where measurements stand whether this machine may measure them, and collects what it says of all of them. */
export async function platformPreview(
  workspaceRoot: string,
  planned: readonly PlannedTask[],
): Promise<{ planned: readonly PlannedTask[]; notes: PlatformNote[] }> {
  const notes = new Map<string, PlatformNote>();
  const add = (effect: PlatformNote['effect'], message: string, id: string) => {
    const { ids } = notes.get(message) ?? { ids: [] };
    notes.set(message, { effect, message, measurements: ids.length + 1, ids: [...ids, id] });
  };
  // Describing the machine can take a process.
  if (!planned.some(({ standing }) => standing.next === 'measure')) return { planned, notes: [] };
  const fitnessOf = fitnessOn(workspaceRoot, await describeMachine());
  const result: PlannedTask[] = [];
  for (const one of planned) {
    const { task, standing } = one;
    if (standing.next !== 'measure') {
      result.push(one);
      continue;
    }
    const { refusal, platform, findings } = await fitnessOf(task);
    if (refusal !== null) add('refuses', refusal, task.id);
    else for (const { message } of findings) add('flags', message, task.id);
    const why = refusal === null ? null : whyOf(task, platform, refusal);
    result.push({ task, standing: hindered(standing, 'refuse', why) });
  }
  return { planned: result, notes: [...notes.values()] };
}

// The note below the table says it all.
function whyOf({ platform: name }: MeasureTask, platform: Fitness['platform'], refusal: string): string {
  if (platform === null) return refusal;
  const rules = platform.checks.filter(({ state, level }) => state === 'unmet' && level === 'refuse');
  return platformTexts.refusedRow(
    name,
    rules.map(({ rule }) => rule),
  );
}
