import type { ExecutorContext } from '@nx/devkit';
import { messages } from '../errors/measure.ts';
import { outputsOf } from '../graph/nodes.ts';
import { runTasks } from './run.ts';
import { keepsOutputs, taskOf } from './task-of.ts';

/** Measures one task in a process of its own: what Nx calls with `--batch=false`. */
export default async function measureSingle(options: object, context: ExecutorContext): Promise<{ success: boolean }> {
  const project = context.projectName!;
  const task = taskOf(context, project, options);
  if (!keepsOutputs(context, project, outputsOf(task))) {
    console.error(messages.outputsReplaced);
    return { success: false };
  }
  let success = false;
  for await (const outcome of runTasks(context.root, [task])) success = outcome.success;
  return { success };
}
