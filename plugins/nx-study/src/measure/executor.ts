import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { messages } from '../state/texts.ts';
import { measurementProject } from '../graph/task.ts';
import type { MeasureTask } from '../graph/task.ts';
import { errorText, forTerminal, print } from '../base/terminal.ts';
import { openPace } from './run/pace.ts';
import { openRefusals } from './run/refusals.ts';
import { runTasks } from './run/run.ts';
import { missingOf } from '../state/still-there.ts';
import { refuseUnknownSettings, runChoices } from '../plan/run-choices.ts';
import { inOrder, taskOf } from './run/task-of.ts';
import { prefixOf } from './batch/prefix.ts';
import type { TaskOutcome } from './run/outcome.ts';

interface BatchResult {
  task: string;
  result: { success: boolean; status?: string; terminalOutput: string; startTime: number; endTime: number };
}

/**
 * The batch executor of `measure`. `inputs`: task id → options, as the graph has them. Yields one result for each task, with
 * times in ms since 1970; it never rejects for a failed measurement.
 *
 * Measures all cache misses of an Nx run, one after another. Nx caches the results of a batch when it ends, and skips
 * the dependents of a failure then, so it returns early only right after a success; Nx then calls again with the rest.
 */
export default async function* measureBatch(
  taskGraph: TaskGraph,
  inputs: Record<string, object>,
  _overrides: unknown,
  context: ExecutorContext,
): AsyncGenerator<BatchResult> {
  const ids = new Map(Object.keys(inputs).map((id) => [taskGraph.tasks[id]!.target.project, id]));
  let startTime = Date.now();
  let tasks: MeasureTask[];
  try {
    tasks = [...ids].map(([project, id]) => taskOf(context, project, inputs[id]!));
    refuseUnknownSettings(runChoices(), tasks);
  } catch (error) {
    // The choices of this run are wrong: nothing is started.
    for (const task of ids.values())
      yield {
        task,
        result: { success: false, terminalOutput: `${errorText(error)}\n`, startTime, endTime: Date.now() },
      };
    return;
  }
  for await (const { task, success, status, text } of outcomesOf(context, tasks)) {
    const endTime = Date.now();
    yield {
      task: ids.get(projectOf(task))!,
      result: { success, ...(status && { status }), terminalOutput: `${forTerminal(text)}\n`, startTime, endTime },
    };
    startTime = endTime;
  }
}

/** What becomes of tasks until a batch has lasted long enough. A later outcome of a task replaces its earlier one. */
async function* outcomesOf(context: ExecutorContext, tasks: MeasureTask[]): AsyncGenerator<TaskOutcome> {
  const { root } = context;
  const reasonAgainst = await openRefusals(context, tasks);
  const kept: MeasureTask[] = [];
  const printed = new Set<string>();
  for (const task of tasks) {
    const reason = reasonAgainst(task);
    if (reason === null) kept.push(task);
    else
      yield { task, success: false, text: `${prefixOf(task)}: ${printed.has(reason) ? messages.sameReason : reason}` };
    if (reason !== null) printed.add(reason);
  }
  const pace = openPace(root, kept.length);
  let left = await inOrder(context, kept);
  while (left.length > 0) {
    const outcomes = new Map<string, TaskOutcome>();
    let isCut = false;
    for await (const outcome of runTasks(root, left, { begin: pace.begin, isPrintedByNx })) {
      yield outcome;
      outcomes.set(projectOf(outcome.task), outcome);
      if (outcome.status === 'stopped') return;
      if (!outcome.success || !pace.isOver()) continue;
      isCut = true;
      break;
    }
    let isWhole = true;
    for await (const outcome of measureMissing(root, [...outcomes.values()])) {
      yield outcome;
      if (outcome.status === 'stopped') return;
      isWhole &&= outcome.success;
    }
    left = isCut ? left.filter((task) => !outcomes.has(projectOf(task))) : [];
    if (isWhole && isCut) break;
  }
  pace.end();
}

/** Checks, before Nx caches results, that they are still on disk; those that are gone are measured again. */
async function* measureMissing(workspaceRoot: string, outcomes: TaskOutcome[]): AsyncGenerator<TaskOutcome> {
  // What failed as expected has no result, and Nx doesn't cache it.
  const done = outcomes.filter(({ success, task }) => success && task.expect !== 'failed').map(({ task }) => task);
  const missing = await missingOf(workspaceRoot, done);
  if (missing.length === 0) return;
  for (const task of missing) print(`${prefixOf(task)}: ${messages.goneMeanwhile}`);
  for await (const outcome of runTasks(workspaceRoot, missing, { isPrintedByNx })) yield outcome;
  for (const task of await missingOf(workspaceRoot, missing))
    yield { task, success: false, text: `${prefixOf(task)}: ${messages.goneAgain}` };
}

/**
 * Nx prints the text of failures, and of successes where output is streamed or verbose; never that of tasks that were stopped.
 * Its terminal UI shows it in the pane of each task, which may be hidden.
 */
function isPrintedByNx({ success, status }: TaskOutcome): boolean {
  const { env } = process;
  if (env['NX_TUI'] === 'true' || status !== undefined) return false;
  return !success || env['NX_STREAM_OUTPUT'] === 'true' || env['NX_VERBOSE_LOGGING'] === 'true';
}

const projectOf = ({ study, id }: MeasureTask): string => measurementProject(study, id);
