import type { ExecutorContext, TargetDependencyConfig } from '@nx/devkit';
import { verifyTexts } from './texts.ts';
import { refuseLinks } from '../graph/links.ts';
import { measurementProject } from '../graph/task.ts';
import type { MeasureTask } from '../graph/task.ts';
import { refuseUnknownOptions } from '../base/options.ts';
import { print, printError } from '../base/terminal.ts';
import { withHashes } from './one/assets.ts';
import type { State } from '../state/states.ts';
import { missingOf, standingsOfTasks } from '../state/still-there.ts';
import { tasksOf } from './run/task-of.ts';

/**
 * What the `measure` target of a study runs after all of its measurements: fails when one of them has no result on disk,
 * whatever Nx thinks of it. Measures nothing.
 */
export default async function verify(
  options: { study: string },
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const { study } = options;
  const planned = tasksOf(context, study);
  try {
    refuseUnknownOptions(options, new URL('verify.schema.json', import.meta.url));
    refuseLinks(context.root, study, planned);
    const tasks: MeasureTask[] = [];
    // One after another: what one has to hash, the next one finds.
    for (const task of planned) tasks.push((await withHashes(context.root, task)).hashed);
    const { failed, missing, expected } = await sortOut(context.root, tasks);
    if (failed.length === 0 && missing.length === 0) {
      print(verifyTexts.all(study, tasks.length - expected.length, expected.length));
      return { success: true };
    }
    printError(verifyTexts.lacking(study, namesOf(failed), namesOf(missing), whyOf(context, study, tasks)));
  } catch (error) {
    printError(error);
  }
  return { success: false };
}

const namesOf = (tasks: MeasureTask[]): string[] => tasks.map(({ id }) => id);

/** Those without a result: failed as expected, failed otherwise, and those of which nothing says that they ever ran. */
async function sortOut(workspaceRoot: string, tasks: MeasureTask[]) {
  const without = await missingOf(workspaceRoot, tasks);
  const states = (await standingsOfTasks(workspaceRoot, without)).map(({ state }) => state);
  const inStates = (...some: State[]) => without.filter((_, index) => some.includes(states[index]!));
  const [expected, failed] = [inStates('expected-failure'), inStates('failed', 'too-large')];
  return { expected, failed, missing: without.filter((task) => !expected.includes(task) && !failed.includes(task)) };
}

/** Why measurements may not have run although this target did. */
function whyOf(context: ExecutorContext, study: string, tasks: MeasureTask[]): 'replaced' | 'excluded' | 'cached' {
  const projects = tasks.map(({ id }) => measurementProject(study, id));
  const { targets = {} } = context.projectsConfigurations.projects[context.projectName!] ?? {};
  const listed = new Set((targets['measure']?.dependsOn ?? []).flatMap((one) => projectsOf(one)));
  if (projects.some((project) => !listed.has(project))) return 'replaced';
  const ran = context.taskGraph?.tasks ?? {};
  return projects.some((project) => ran[`${project}:measure`] === undefined) ? 'excluded' : 'cached';
}

const projectsOf = (dependency: string | TargetDependencyConfig): string[] =>
  typeof dependency === 'string' ? [] : [dependency.projects ?? []].flat();
