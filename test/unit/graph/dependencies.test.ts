import type { ExecutorContext } from '@nx/devkit';
import { describe, expect, it } from 'vitest';
import { dependencyProblem, namedTarget } from '../../../plugins/nx-study/src/graph/dependencies.ts';
import { aWorker } from '../worker/manifest.ts';

/** Project → those on which it depends; `npm:…` is a package. Each has the target `build`. */
function contextOf(edges: Record<string, string[]>): Pick<ExecutorContext, 'projectsConfigurations' | 'projectGraph'> {
  const names = Object.keys(edges);
  const configurations = names.map((name) => [name, { root: name, targets: { build: {}, 'docker:build': {} } }]);
  const nodes = names.map((name) => [name, { name, type: 'lib', data: { root: name } }]);
  const dependencies = Object.entries(edges).map(([source, targets]) => [
    source,
    targets.map((target) => ({ source, target, type: 'static' })),
  ]);
  return {
    projectsConfigurations: { version: 2, projects: Object.fromEntries(configurations) },
    projectGraph: { nodes: Object.fromEntries(nodes), dependencies: Object.fromEntries(dependencies) },
  };
}

const context = contextOf({ lib: ['util', 'npm:zod'], util: ['base'], base: ['lib'], other: [] });
const problem = (own: object) => dependencyProblem(context, aWorker(own));

describe('a worker that measures projects', () => {
  it('lists those on which they depend, also through others', () => {
    expect(problem({ projects: ['lib'] })).toBe(
      'workers/w/worker.json: the project `lib` depends on `util`, and the project `util` depends on `base`, which `projects` does not list: after an edit there, old numbers would count as current. Add "util", "base".',
    );
    expect(problem({ projects: ['lib', 'base'] })).toContain('Add "util".');
    expect(problem({ projects: ['base', 'lib', 'util'] })).toBeNull();
    expect(problem({ projects: ['other'] })).toBeNull();
    expect(problem({})).toBeNull();
  });
});

describe('a target that a worker depends on', () => {
  it('must exist, as Nx would pass it over', () => {
    expect(problem({ dependsOn: ['lib:bild'] })).toBe(
      'workers/w/worker.json: `dependsOn` names "lib:bild", but the project `lib` has no target `bild`. Did you mean `build`?',
    );
    expect(problem({ dependsOn: ['libs:build'] })).toContain('but there is no project `libs`. Did you mean `lib`?');
    expect(problem({ dependsOn: ['constructor:build'] })).toContain('nx show projects lists all.');
    expect(problem({ dependsOn: ['lib:build', 'lib:docker:build'] })).toBeNull();
  });

  it('may have a colon in its name', () => {
    expect(namedTarget('lib:docker:build')).toEqual({ project: 'lib', target: 'docker:build' });
  });
});
