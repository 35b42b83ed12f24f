import type { ExecutorContext } from '@nx/devkit';
import { decodeOptions } from '../graph/encoding.ts';
import type { MeasureMetadata, MeasureOptions, MeasureTask } from '../graph/task.ts';

const EXECUTOR = 'nx-study:measure';

type Context = Pick<ExecutorContext, 'projectsConfigurations'>;

/** A task as the plugin wrote it: its options, as Nx hands them over, and what Nx doesn't hash. */
export function taskOf(context: Context, project: string, options: object): MeasureTask {
  return { ...(decodeOptions(options) as unknown as MeasureOptions), ...metadataOf(context, project) };
}

/** All measurements of a study, in the order of its plan, as Nx's graph holds them. */
export function tasksOf(context: Context, study: string): MeasureTask[] {
  return Object.entries(context.projectsConfigurations.projects)
    .filter(([, { targets }]) => targets?.['measure']?.executor === EXECUTOR)
    .map(([project, { targets }]) => taskOf(context, project, targets!['measure']!.options as object))
    .filter((task) => task.study === study)
    .toSorted((a, b) => a.index - b.index);
}

/** Whether Nx keeps all of a task's results, and puts them back. */
export function keepsOutputs(context: Context, project: string, outputs: string[]): boolean {
  const known = context.projectsConfigurations.projects[project]?.targets?.['measure']?.outputs ?? [];
  return outputs.every((output) => known.includes(output));
}

function metadataOf({ projectsConfigurations }: Context, project: string): MeasureMetadata {
  const target = projectsConfigurations.projects[project]?.targets?.['measure'];
  return target?.metadata?.['nxStudy'] as MeasureMetadata;
}
