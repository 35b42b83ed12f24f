import { isDeepStrictEqual } from 'node:util';
import type { NxJsonConfiguration, TargetConfiguration } from '@nx/devkit';
import { createTargetDefaultsResults, mergeTargetConfigurations } from 'nx/src/devkit-internals.js';
import { replacedByDefaults } from './texts.ts';
import { isJsonObject } from '../base/json.ts';
import { resultsFolder } from '../workspace/places.ts';
import type { Projects } from './nodes.ts';

/**
 * Refuses `targetDefaults` of nx.json that remove something which the targets of a study need: Nx would then restore
 * nothing, run nothing, or show an old table. Nx's own functions decide which defaults apply, and merge them.
 * @throws Error that names the place in nx.json and the keys.
 */
export function refuseDefaults(
  workspaceRoot: string,
  study: string,
  projects: Projects,
  nxJson: NxJsonConfiguration,
): void {
  if (Object.keys(nxJson.targetDefaults ?? {}).length === 0) return;
  const results = resultsFolder(workspaceRoot);
  const refused = new Map<string, Set<string>>();
  const merged = new Map<string, TargetConfiguration>();
  for (const [, place, { projects: changes = {} }] of createTargetDefaultsResults(
    projects,
    {},
    nxJson,
    sourcesOf(projects),
  ))
    for (const [root, { targets = {} }] of Object.entries(changes))
      for (const [name, defaults] of Object.entries(targets)) {
        const own = withoutMetadata(projects[root]!.targets![name]!);
        const before = merged.get(`${root}:${name}`) ?? own;
        const after = mergeTargetConfigurations(
          withoutMetadata(defaults),
          before,
          undefined,
          undefined,
          undefined,
          false,
        );
        merged.set(`${root}:${name}`, after);
        const keys = refusedKeys({ own, merged: after }, nxJson.namedInputs ?? {}, results);
        if (keys.length > 0) refused.set(place, new Set([...(refused.get(place) ?? []), ...keys]));
      }
  if (refused.size > 0)
    throw new Error(replacedByDefaults(study, new Map([...refused].map(([place, keys]) => [place, [...keys]]))));
}

// Marks the targets as this plugin's, for defaults that are meant for one plugin only.
const sourcesOf = (projects: Projects) =>
  Object.fromEntries(
    Object.entries(projects).map(([root, { targets = {} }]) => [
      root,
      Object.fromEntries(
        Object.keys(targets).map((name) => [`targets.${name}.executor`, [null, 'nx-study'] as [null, string]]),
      ),
    ]),
  );

// Merging would add to the lists of metadata in place.
const withoutMetadata = (target: TargetConfiguration): TargetConfiguration => {
  const copy = { ...target };
  delete copy.metadata;
  return copy;
};

type NamedInputs = NonNullable<NxJsonConfiguration['namedInputs']>;
type Input = NamedInputs[string][number];

/** The keys of a target in which something of its own is missing, or by which Nx would treat it otherwise, or not at all. */
function refusedKeys(
  { own, merged }: { own: TargetConfiguration; merged: TargetConfiguration },
  namedInputs: NamedInputs,
  results: string,
): string[] {
  const isMeasuring = own.executor === 'nx-study:measure';
  const lacks = (key: 'inputs' | 'outputs' | 'dependsOn') =>
    (own[key] ?? []).some((entry) => !(merged[key] ?? []).some((other) => isDeepStrictEqual(entry, other)));
  const further = (merged.outputs ?? []).filter((output) => !(own.outputs ?? []).includes(output));
  const needsFiles = (merged.inputs ?? []).some((input) => asksForFiles(input, namedInputs));
  return [
    ...(merged.executor === own.executor ? [] : ['executor']),
    ...(merged.cache === true && own.cache !== true ? ['cache'] : []),
    ...((isMeasuring && lacks('inputs')) || needsFiles ? ['inputs'] : []),
    ...(lacks('dependsOn') ? ['dependsOn'] : []),
    ...(isMeasuring && (lacks('outputs') || further.some((output) => holdsResults(output, results)))
      ? ['outputs']
      : []),
    // Without it Nx would start each measurement alone, and skip all that come after a failure.
    ...(isMeasuring && merged.parallelism === false ? ['parallelism'] : []),
    ...(merged.continuous === true ? ['continuous'] : []),
    ...(changesOptions(own, merged.options) ? ['options'] : []),
    ...(Object.values(merged.configurations ?? {}).some((options) => changesOptions(own, options))
      ? ['configurations']
      : []),
  ];
}

// Targets that measure or verify get all options from the plan; commands may have further ones.
const changesOptions = ({ executor, options: own = {} }: TargetConfiguration, options: unknown): boolean =>
  isJsonObject(options) &&
  Object.entries(options).some(([key, value]) =>
    Object.hasOwn(own, key) ? !isDeepStrictEqual(own[key], value) : CLOSED.has(executor!),
  );

const CLOSED = new Set(['nx-study:measure', 'nx-study:verify']);

/**
 * Whether an input is made from the files of the measurement's own project, or of those that it depends on. They have
 * none, and Nx ends each command that hashes one with "project … not found".
 */
function asksForFiles(input: Input, named: NamedInputs, within: readonly string[] = []): boolean {
  if (typeof input !== 'string') {
    if ('fileset' in input) return asksForFiles(input.fileset, named);
    if (!('input' in input) || 'projects' in input) return false;
    return 'dependencies' in input || asksForFiles(input.input, named, within);
  }
  const text = input.replace(/^!/, '');
  if (text.startsWith('{workspaceRoot}')) return false;
  if (within.includes(text)) return false;
  // Nx knows of a `default` that nobody defines, and refuses all other such names.
  return named[text]?.some((one) => asksForFiles(one, named, [...within, text])) ?? true;
}

// Nx removes an output before it restores it. Only an output with a name outside of ours can't contain a result.
function holdsResults(output: string, results: string): boolean {
  const [, place, name] = /^\{(workspaceRoot|projectRoot)\}\/(\w[\w.-]*)(?:\/|$)/.exec(output) ?? [];
  if (name === undefined || output.includes('..')) return true;
  return place === 'workspaceRoot' ? name === results.split('/')[0] : /^[0-9a-f]{12}\b/.test(name);
}
