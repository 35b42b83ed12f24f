import type { TargetConfiguration } from '@nx/devkit';
import { lockFiles } from '../worker/lock-files.ts';
import type { Worker } from '../worker/manifest.ts';
import { isNegation, isOfWorkspace, workspacePatterns } from '../worker/patterns.ts';
import { namedTarget } from './dependencies.ts';
import { exactly } from './glob.ts';

type Inputs = NonNullable<TargetConfiguration['inputs']>;
type DependsOn = NonNullable<TargetConfiguration['dependsOn']>;

/**
 * The code of a worker as inputs of Nx.
 * @param variant - of its environment; undefined where that is made from a lock of the study's own.
 * @param projects - the folders of the projects that it measures, relative to the workspace.
 */
export function codeInputs(
  workspaceRoot: string,
  { root, manifest }: Worker,
  { variant, projects }: { variant: string | null | undefined; projects: readonly string[] },
): Inputs {
  const lock = variant === undefined ? [] : (lockFiles(manifest.environment).get(variant) ?? []);
  const patterns = [...new Set([...manifest.measuring, ...manifest.deriving, 'worker.json', ...lock])];
  const isShared = (pattern: string) => isOfWorkspace(pattern.replace(/^!/, ''));
  const globs = (of: string[]) => workspacePatterns({ workspaceRoot, root }, of);
  const leftOut = patterns.filter((pattern) => isNegation(pattern) && isShared(pattern));
  return [
    ...globs(patterns.filter((pattern) => !isShared(pattern))).map((path) => ({
      fileset: `{workspaceRoot}/${path}`,
      includeIgnored: true,
    })),
    // Files that git ignores are many elsewhere in the workspace, and in no diff.
    ...globs(patterns.filter(isShared)).map((path) => `{workspaceRoot}/${path}`),
    ...projects.map((project) => `{workspaceRoot}/${exactly(project)}/**/*`),
    ...globs(leftOut.map((pattern) => pattern.slice(1))).map((path) => `!{workspaceRoot}/${path}`),
  ];
}

/** The targets that a worker depends on, such as `lib:build`, as Nx reads them. */
export const dependenciesOf = ({ manifest }: Worker): DependsOn =>
  manifest.dependsOn.map(namedTarget).map(({ project, target }) => ({ projects: [project], target }));
