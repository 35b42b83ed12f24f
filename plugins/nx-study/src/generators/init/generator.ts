import { addDependenciesToPackageJson, formatFiles, readNxJson, runTasksInSerial, updateNxJson } from '@nx/devkit';
import type { GeneratorCallback, NxJsonConfiguration, Tree } from '@nx/devkit';
import { print } from '../../base/terminal.ts';
import { versions } from '../../machine/description/describe.ts';
import { isThisPlugin, OWN_FILE } from '../../workspace/entry.ts';
import { resultsFolder } from '../../workspace/places.ts';
import { initTexts } from '../texts.ts';
import { ignoreInGit } from './ignore.ts';
import { registerSchemas } from './editor.ts';

export interface InitOptions {
  skipFormat?: boolean;
  skipPackageJson?: boolean;
  keepExistingVersions?: boolean;
}

const PLUGIN = 'nx-study/plugin';
const SYNC = 'nx-study:sync';

/** What `nx add nx-study` runs: nx.json, .gitignore, and the settings of VS Code where it is used. All else stays as it is. */
export default async function init(tree: Tree, options: InitOptions): Promise<GeneratorCallback> {
  const tasks: GeneratorCallback[] = [];
  if (!options.skipPackageJson) tasks.push(addPackage(tree, options.keepExistingVersions ?? false));
  const nxJson = readNxJson(tree) ?? {};
  const complete = withSync(withPlugin(nxJson));
  if (complete !== nxJson) updateNxJson(tree, complete);
  ignoreInGit(tree, `${resultsFolder(tree.root)}/`);
  ignoreInGit(tree, OWN_FILE);
  registerSchemas(tree);
  if (!options.skipFormat) await formatFiles(tree);
  return runTasksInSerial(...tasks, () => print(initTexts.next(tree.root)));
}

function addPackage(tree: Tree, keepExisting: boolean): GeneratorCallback {
  return addDependenciesToPackageJson(tree, {}, { 'nx-study': versions.nx_study }, 'package.json', keepExisting);
}

function withPlugin(nxJson: NxJsonConfiguration): NxJsonConfiguration {
  const plugins = nxJson.plugins ?? [];
  if (plugins.some(isThisPlugin)) return nxJson;
  return { ...nxJson, plugins: [...plugins, { plugin: PLUGIN, options: {} }] };
}

function withSync(nxJson: NxJsonConfiguration): NxJsonConfiguration {
  const generators = nxJson.sync?.globalGenerators ?? [];
  if (generators.includes(SYNC)) return nxJson;
  return { ...nxJson, sync: { ...nxJson.sync, globalGenerators: [...generators, SYNC] } };
}
