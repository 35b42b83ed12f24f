import type { ExecutorContext } from '@nx/devkit';
import { printError } from '../base/terminal.ts';
import { runTasks } from './run/run.ts';
import { refusalsOf, taskOf } from './run/task-of.ts';

/** Measures one task in a process of its own: Nx calls it with `--batch=false`. Returns whether it is measured, or failed as expected. */
export default async function measureSingle(options: object, context: ExecutorContext): Promise<{ success: boolean }> {
  const task = taskOf(context, context.projectName!, options);
  const reason = refusalsOf(context, [task])(task);
  if (reason !== null) {
    printError(reason);
    return { success: false };
  }
  let success = false;
  for await (const outcome of runTasks(context.root, [task])) success = outcome.success;
  return { success };
}
