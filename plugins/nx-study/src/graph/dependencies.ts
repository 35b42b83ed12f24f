import type { ExecutorContext } from '@nx/devkit';
import type { Worker } from '../worker/manifest.ts';
import { dependencyTexts as texts } from '../worker/texts.ts';

type Context = Pick<ExecutorContext, 'projectsConfigurations' | 'projectGraph'>;

/** A target that a worker names, such as `lib:build`. */
export interface NamedTarget {
  project: string;
  target: string;
}

/** `lib:docker:build` → project lib, target docker:build. */
export function namedTarget(text: string): NamedTarget {
  const [project, ...target] = text.split(':');
  return { project: project!, target: target.join(':') };
}

/**
 * Why a worker measures other code than it says, by Nx's whole graph, which isn't known yet while the plugin adds to it: a
 * target that doesn't exist, which Nx would pass over, or a project on whose code another one depends. null where nothing
 * is wrong.
 */
export function dependencyProblem(context: Context, worker: Worker): string | null {
  const { manifest, root } = worker;
  const { projects } = context.projectsConfigurations;
  const file = `${root}/worker.json`;
  for (const text of manifest.dependsOn) {
    const { project, target } = namedTarget(text);
    if (!Object.hasOwn(projects, project)) return texts.noProject(file, text, project, Object.keys(projects));
    const targets = Object.keys(projects[project]!.targets ?? {});
    if (!targets.includes(target)) return texts.noTarget(file, text, { project, target }, targets);
  }
  const needed = neededBy(context, manifest.projects);
  const missing = [...needed].filter(([name]) => !manifest.projects.includes(name));
  return missing.length === 0 ? null : texts.unlisted(file, missing);
}

/** All projects on which some depend, also through others → the one that needs it. */
function neededBy({ projectGraph }: Context, names: readonly string[]): Map<string, string> {
  const needed = new Map<string, string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const { target } of projectGraph.dependencies[name] ?? []) {
      // Packages of a registry are nodes of another kind.
      if (!Object.hasOwn(projectGraph.nodes, target) || needed.has(target)) continue;
      needed.set(target, name);
      open.push(target);
    }
  return needed;
}
