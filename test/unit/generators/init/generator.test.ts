import { readJson, readNxJson, updateJson } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { expect, test } from 'vitest';
import init from '../../../../plugins/nx-study/src/generators/init/generator.ts';

/** What the generator leaves, by file. */
function contents(tree: Tree): Record<string, string | null> {
  return Object.fromEntries(tree.listChanges().map(({ path }) => [path, tree.read(path, 'utf8')]));
}

test('an empty workspace gets the plugin with its options, the sync generator and the line for git; twice is as once', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await init(tree, {});
  expect(readNxJson(tree)!.plugins).toEqual([{ plugin: 'nx-study/plugin', options: {} }]);
  expect(readNxJson(tree)!.sync).toEqual({ globalGenerators: ['nx-study:sync'] });
  expect(tree.read('.gitignore', 'utf8')).toBe('/results/\n/nx-study.local.yaml\n');
  expect(readJson(tree, 'package.json').devDependencies).toHaveProperty('nx-study');
  expect(tree.exists('.vscode')).toBe(false);
  const once = contents(tree);
  await init(tree, {});
  expect(contents(tree)).toEqual(once);
});

test('what is there already stays: plugins, sync generators, ignore lines, the version in package.json', async () => {
  const tree = createTreeWithEmptyWorkspace();
  updateJson(tree, 'nx.json', (nxJson) => ({
    ...nxJson,
    plugins: ['@other/plugin', { plugin: '@third/plugin', options: { a: 1 } }],
    sync: { globalGenerators: ['@other/plugin:sync'], applyChanges: true },
    targetDefaults: { build: { cache: true } },
  }));
  updateJson(tree, 'package.json', (own) => ({ ...own, devDependencies: { 'nx-study': 'file:../nx-study.tgz' } }));
  tree.write('.gitignore', 'dist\n# ours\nnode_modules');
  await init(tree, { keepExistingVersions: true });
  expect(readNxJson(tree)).toMatchObject({
    plugins: [
      '@other/plugin',
      { plugin: '@third/plugin', options: { a: 1 } },
      { plugin: 'nx-study/plugin', options: {} },
    ],
    sync: { globalGenerators: ['@other/plugin:sync', 'nx-study:sync'], applyChanges: true },
    targetDefaults: { build: { cache: true } },
  });
  expect(tree.read('.gitignore', 'utf8')).toBe('dist\n# ours\nnode_modules\n/results/\n/nx-study.local.yaml\n');
  expect(readJson(tree, 'package.json').devDependencies).toEqual({ 'nx-study': 'file:../nx-study.tgz' });
});

test('a plugin that is registered without options stays, and so does each way to ignore the results', async () => {
  for (const line of ['results', '/results', 'results/', '/results/**']) {
    const tree = createTreeWithEmptyWorkspace();
    updateJson(tree, 'nx.json', (nxJson) => ({ ...nxJson, plugins: ['nx-study'] }));
    tree.write('.gitignore', `${line}\n`);
    await init(tree, { skipPackageJson: true });
    expect(readNxJson(tree)!.plugins).toEqual(['nx-study']);
    expect(tree.read('.gitignore', 'utf8')).toBe(`${line}\n/nx-study.local.yaml\n`);
    expect(readJson(tree, 'package.json').devDependencies).not.toHaveProperty('nx-study');
  }
  const tree = createTreeWithEmptyWorkspace();
  tree.write('.gitignore', 'old-results\n/results.txt\n');
  await init(tree, {});
  expect(tree.read('.gitignore', 'utf8')).toBe('old-results\n/results.txt\n/results/\n/nx-study.local.yaml\n');
});

test('VS Code learns the schema of studies where it is used; settings that others wrote stay', async () => {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('.vscode/settings.json', '{ "editor.tabSize": 2, "yaml.schemas": { "./a.json": "a.yaml" } }');
  await init(tree, {});
  const settings = readJson(tree, '.vscode/settings.json');
  expect(settings).toEqual({
    'editor.tabSize': 2,
    'yaml.schemas': { './a.json': 'a.yaml', './studies/study.schema.json': ['studies/*/study.yaml'] },
  });
  await init(tree, {});
  expect(readJson(tree, '.vscode/settings.json')).toEqual(settings);

  const commented = '{\n  // ours\n  "editor.tabSize": 2\n}\n';
  tree.write('.vscode/settings.json', commented);
  await init(tree, {});
  expect(tree.read('.vscode/settings.json', 'utf8')).toBe(commented);
});
