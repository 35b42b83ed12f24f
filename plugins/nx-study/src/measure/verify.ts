import type { ExecutorContext, TargetDependencyConfig } from '@nx/devkit';
import { verifyTexts } from './texts.ts';
import { refuseLinks } from '../graph/links.ts';
import { measurementProject } from '../graph/task.ts';
import type { MeasureTask } from '../graph/task.ts';
import { refuseUnknownOptions } from '../base/options.ts';
import { forAll, forOne } from '../base/command.ts';
import type { Answer } from '../base/command.ts';
import { forTerminal } from '../base/terminal.ts';
import { withHashes } from './one/assets.ts';
import type { State } from '../state/states.ts';
import { missingOf, standingsOfTasks } from '../state/still-there.ts';
import { isOf, tasksOf } from './run/task-of.ts';
import { targetOf } from '../workspace/project.ts';

/**
 * What the `measure` target of a study runs after all of its measurements: fails when one of them has no result on disk,
 * whatever Nx's cache reports. Measures nothing, and never rejects: an error is printed, and is no success.
 */
async function verify(options: { study: string }, context: ExecutorContext): Promise<Answer> {
  const { study } = options;
  refuseUnknownOptions(options, new URL('verify.schema.json', import.meta.url));
  const planned = tasksOf(context, study);
  refuseLinks(context.root, study, planned);
  const tasks: MeasureTask[] = [];
  // One after another: what one has to hash, the next one finds.
  for (const task of planned) tasks.push((await withHashes(context.root, task)).hashed);
  const { failed, missing, expected } = await sortOut(context.root, tasks);
  if (failed.length === 0 && missing.length === 0)
    return {
      success: true,
      text: forTerminal(verifyTexts.all(study, tasks.length - expected.length, expected.length)),
    };
  throw new Error(verifyTexts.lacking(study, namesOf(failed), namesOf(missing), whyOf(context, study, tasks)));
}

export default forOne(verify);

export const verifyAll = forAll(verify);

const namesOf = (tasks: MeasureTask[]): string[] => tasks.map(({ id }) => id);

/** Those without a result: failed as expected, failed otherwise, and those without any trace of a run. */
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
  const all = Object.values(context.projectsConfigurations.projects);
  const measure = targetOf('measure', context.root);
  const own = all.map(({ targets }) => targets?.[measure]).find((target) => isOf(study, 'nx-study:verify', target));
  const listed = new Set((own?.dependsOn ?? []).flatMap((one) => projectsOf(one)));
  if (projects.some((project) => !listed.has(project))) return 'replaced';
  const ran = context.taskGraph?.tasks ?? {};
  return projects.some((project) => ran[`${project}:${measure}`] === undefined) ? 'excluded' : 'cached';
}

const projectsOf = (dependency: string | TargetDependencyConfig): string[] =>
  typeof dependency === 'string' ? [] : [dependency.projects ?? []].flat();
