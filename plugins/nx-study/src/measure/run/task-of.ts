import { isDeepStrictEqual } from 'node:util';
import type { ExecutorContext, TargetConfiguration } from '@nx/devkit';
import { messages } from '../../state/texts.ts';
import { decodeOptions } from '../../graph/encoding.ts';
import { linkReason } from '../../graph/links.ts';
import { outputsOf } from '../../graph/nodes.ts';
import { measurementProject } from '../../graph/task.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from '../../graph/task.ts';
import { sha256 } from '../../base/canonical.ts';
import { orderedAs, runChoices } from '../../plan/run-choices.ts';
import { chosenExecution } from '../../study/own.ts';
import { groupBy } from '../../base/group-by.ts';
import { OF_NX } from '../../base/options.ts';
import { targetOf } from '../../workspace/project.ts';

const EXECUTOR = 'nx-study:measure';

type Context = Pick<ExecutorContext, 'projectsConfigurations' | 'root'>;

/**
 * A task as the plugin wrote it: its options, as Nx hands them over, and what Nx doesn't hash, with the choices of this run.
 * @throws Error where the choices, or the user's own settings, are wrong.
 */
export function taskOf(context: Context, project: string, options: object): MeasureTask {
  const metadata = metadataOf(context, project);
  const { execution } = chosenExecution(context.root, metadata.execution);
  // As in `identifiedTasks`: cheaper than a spread of all.
  return Object.assign(decodeOptions(options) as unknown as MeasureOptions, metadata, { execution });
}

/** All measurements of a study, in the order of its plan, as they are in Nx's graph. */
export function tasksOf(context: Context, study: string): MeasureTask[] {
  const target = targetOf('measure', context.root);
  return Object.entries(context.projectsConfigurations.projects)
    .filter(([, { targets }]) => isOf(study, EXECUTOR, targets?.[target]))
    .map(([project, { targets }]) => taskOf(context, project, targets![target]!.options as object))
    .toSorted((a, b) => a.index - b.index);
}

/**
 * Some measurements in the order in which this run measures them: study after study, each as its plan says, or as a person
 * chose for this run.
 */
export async function inOrder(context: Context, tasks: readonly MeasureTask[]): Promise<MeasureTask[]> {
  const choices = runChoices();
  const hash = await sha256();
  const studies = [...groupBy(tasks, ({ study }) => study)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return studies.flatMap(([study, own]) => {
    if (choices.order === null) return own.toSorted((a, b) => a.index - b.index);
    const wanted = new Set(own.map(({ id }) => id));
    return orderedAs(choices.order, tasksOf(context, study), hash).filter(({ id }) => wanted.has(id));
  });
}

/** Whether a target runs this executor for a study. */
export const isOf = (study: string, executor: string, target: TargetConfiguration | undefined): boolean =>
  target?.executor === executor && (target.options as { study?: unknown } | undefined)?.study === study;

/** Says of each of some tasks why it can't be run in this workspace, whatever Nx thinks of it; null when it can. */
export function refusalsOf(context: Context, tasks: MeasureTask[]): (task: MeasureTask) => string | null {
  const target = targetOf('measure', context.root);
  const linked = new Map<string, string | null>();
  for (const [study, own] of groupBy(tasks, (task) => task.study))
    linked.set(study, linkReason(context.root, study, own));
  return (task) => {
    const project = measurementProject(task.study, task.id);
    const { targets } = context.projectsConfigurations.projects[project] ?? {};
    const given = givenByHand(task, taskOf(context, project, (targets?.[target]?.options ?? {}) as object));
    if (given.length > 0) return messages.givenByHand(given);
    const kept = targets?.[target]?.outputs ?? [];
    const isKept = outputsOf(context.root, task).every((output) => kept.includes(output));
    return isKept ? linked.get(task.study)! : messages.outputsReplaced;
  };
}

/** Options of a task that its plan doesn't have, or has otherwise. */
const givenByHand = (task: MeasureTask, planned: MeasureTask): string[] =>
  Object.entries(task)
    .filter(([name, value]) => !OF_NX.has(name) && !isDeepStrictEqual(value, planned[name as keyof MeasureTask]))
    .map(([name]) => name);

function metadataOf({ projectsConfigurations, root }: Context, project: string): MeasureMetadata {
  const target = projectsConfigurations.projects[project]?.targets?.[targetOf('measure', root)];
  return target?.metadata?.['nxStudy'] as MeasureMetadata;
}
