import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { measurementProject } from '../graph/task.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from '../graph/task.ts';
import { runTasks } from './run.ts';

interface BatchResult {
  task: string;
  result: { success: boolean; status?: string; terminalOutput: string; startTime: number; endTime: number };
}

// Nx caches the results of a batch when it ends.
const CHECKPOINT_MS = 10_000;

/**
 * Measures all cache misses of an Nx run, one after another. Nx skips the dependents of a failure when a batch ends, so
 * it returns early only right after a success; Nx then caches what was measured, and calls again with the rest.
 */
export default async function* measureBatch(
  taskGraph: TaskGraph,
  inputs: Record<string, MeasureOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): AsyncGenerator<BatchResult> {
  const begin = performance.now();
  const ids = new Map<string, string>();
  const tasks: MeasureTask[] = [];
  for (const [id, options] of Object.entries(inputs)) {
    const { project } = taskGraph.tasks[id]!.target;
    tasks.push({ ...options, ...metadataOf(context, project) });
    ids.set(project, id);
  }
  tasks.sort((a, b) => compare(a.study, b.study) || a.index - b.index);
  let startTime = Date.now();
  for await (const { task, success, status, text } of runTasks(context.root, tasks)) {
    const endTime = Date.now();
    yield {
      task: ids.get(measurementProject(task.study, task.id))!,
      result: { success, ...(status && { status }), terminalOutput: `${text}\n`, startTime, endTime },
    };
    startTime = endTime;
    if (success && performance.now() - begin > CHECKPOINT_MS) return;
  }
}

/** The unhashed part of a task, as the plugin wrote it. */
export function metadataOf(context: ExecutorContext, project: string): MeasureMetadata {
  const target = context.projectsConfigurations.projects[project]?.targets?.['measure'];
  return target?.metadata?.['nxStudy'] as MeasureMetadata;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
