import type { ExecutorContext } from '@nx/devkit';
import { printError } from '../base/terminal.ts';
import { openRefusals } from './run/refusals.ts';
import { runTasks } from './run/run.ts';
import type { MeasureTask } from '../graph/task.ts';
import { refuseUnknownSettings, runChoices } from '../plan/run-choices.ts';
import { choiceTexts } from '../plan/texts.ts';
import { taskOf, tasksOf } from './run/task-of.ts';

/** Measures one task in a process of its own: Nx calls it with `--batch=false`. Returns whether it is measured, or failed as expected. */
export default async function measureSingle(options: object, context: ExecutorContext): Promise<{ success: boolean }> {
  let task: MeasureTask;
  try {
    const choices = runChoices();
    if (choices.order !== null) throw new Error(choiceTexts.orderInBatches('NX_STUDY_ORDER'));
    task = taskOf(context, context.projectName!, options);
    refuseUnknownSettings(choices, tasksOf(context, task.study));
    const reason = (await openRefusals(context, [task]))(task);
    if (reason !== null) throw new Error(reason);
  } catch (error) {
    printError(error);
    return { success: false };
  }
  let success = false;
  for await (const outcome of runTasks(context.root, [task])) success = outcome.success;
  return { success };
}
