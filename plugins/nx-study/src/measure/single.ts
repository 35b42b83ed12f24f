import type { ExecutorContext } from '@nx/devkit';
import type { MeasureOptions } from '../graph/task.ts';
import { metadataOf } from './batch.ts';
import { runTasks } from './run.ts';

/** Measures one task in a process of its own: what Nx calls with `--batch=false`. */
export default async function measureSingle(
  options: MeasureOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const task = { ...options, ...metadataOf(context, context.projectName!) };
  let success = false;
  for await (const outcome of runTasks(context.root, [task])) success = outcome.success;
  return { success };
}
