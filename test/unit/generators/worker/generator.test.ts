import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { flushChanges, FsTree } from 'nx/src/generators/tree.js';
import { expect, onTestFinished, test, vi } from 'vitest';
import worker from '../../../../plugins/nx-study/src/generators/worker/generator.ts';
import schema from '../../../../plugins/nx-study/src/generators/worker/schema.json' with { type: 'json' };
import { SHIPPED } from '../../../../plugins/nx-study/src/worker/shipped.ts';
import { TEMPLATES } from '../../../../plugins/nx-study/src/generators/worker/template.ts';
import { workersIn } from '../../../../plugins/nx-study/src/generators/workers.ts';
import { repository } from '../../../helpers/docs.ts';
import { problemsOf } from '../../../helpers/schemas.ts';
import { makeWorkspace } from '../../study/workspace.ts';
import { checkWorkerFiles } from '../../../../plugins/nx-study/src/worker/check.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';

const files = (tree: Tree, folder: string): string[] =>
  tree.children(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    return tree.isFile(path) ? [path] : files(tree, path);
  });

/** What a generator says when its files are written. */
async function said(tree: Tree, options: Parameters<typeof worker>[1]): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  await (
    await worker(tree, options)
  )();
  return lines.join('\n');
}

test.each(SHIPPED)(
  '%s is copied as it is, with the parts of the kits that it names, and where it comes from',
  async (name) => {
    const tree = createTreeWithEmptyWorkspace();
    await worker(tree, { name, from: name });
    const copied = files(tree, 'workers');
    expect(copied.filter((path) => /\/(tests?|tools|conformance|__pycache__)\/|-test\./.test(path))).toEqual([]);
    expect(copied.length).toBeGreaterThan(10);
    for (const path of copied.filter((one) => !/worker\.json$|\.md$/.test(one)))
      expect(tree.read(path, 'utf8')).toBe(readFileSync(join(repository, path), 'utf8'));
    const { from, ...manifest } = readJson(tree, `workers/${name}/worker.json`);
    expect(from).toBe(`nx-study@0.1.0/${name}`);
    expect(manifest).toEqual(JSON.parse(readFileSync(join(repository, `workers/${name}/worker.json`), 'utf8')));
    expect(problemsOf('worker', { from, ...manifest })).toEqual([]);
    const workers = await workersIn(tree);
    expect([...workers.keys()]).toEqual([name]);
    expect(tree.exists('studies/study.schema.json')).toBe(true);
    const kits = (manifest.measuring as string[]).filter((pattern) => pattern.startsWith('{kits}'));
    for (const [, folder] of kits.join().matchAll(/\{kits\}\/([\w/]+)\/\*/g))
      expect(tree.children(`workers/kits/${folder}`).length).toBeGreaterThan(3);
    for (const [, target] of (tree.read(`workers/${name}/README.md`, 'utf8') ?? '').matchAll(/\]\(([^)#]+)/g))
      expect(/^\w+:/.test(target!) || tree.exists(join(`workers/${name}`, target!))).toBe(true);
  },
);

test.each(TEMPLATES)('the template %s is a worker, and none of its files has many lines', async (template) => {
  const tree = createTreeWithEmptyWorkspace();
  await worker(tree, { name: 'mine', template });
  const own = files(tree, 'workers/mine');
  for (const path of own.filter((name) => !name.endsWith('.lock'))) {
    expect(path).not.toContain('__tmpl__');
    expect(tree.read(path, 'utf8')!.split('\n').length).toBeLessThanOrEqual(40);
  }
  expect((await workersIn(tree)).has('mine')).toBe(true);
  const manifest = readJson(tree, 'workers/mine/worker.json');
  expect(problemsOf('worker', manifest)).toEqual([]);
  expect(manifest.$schema).toBe('../../node_modules/nx-study/schemas/worker.schema.json');
  expect(files(tree, 'workers').length > own.length).toBe(['typescript', 'python'].includes(template));
});

test('kit files that another worker uses are not replaced unless asked', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await worker(tree, { name: 'first', template: 'python' });
  const stop = 'workers/kits/python/nx_study_worker/stop.py';
  const shipped = tree.read(stop, 'utf8')!;
  tree.write(stop, `${shipped}# ours\n`);
  const again = { name: 'second', template: 'python' };
  await expect(worker(tree, again)).rejects.toThrow(
    /other versions of kit files that it needs.*: workers\/kits\/python\/nx_study_worker\/stop\.py/,
  );
  expect(tree.read(stop, 'utf8')).toContain('# ours');
  const third = createTreeWithEmptyWorkspace();
  third.write(stop, `${shipped}# ours\n`);
  await worker(third, { ...again, replaceKits: true });
  expect(third.read(stop, 'utf8')).toBe(shipped);
});

test('all of them are right as workers, also where the workspace has a formatter, whose form is no difference', async () => {
  const root = await makeWorkspace({ '.oxfmtrc.json': '{ "printWidth": 60, "semi": false }', 'nx.json': '{}' });
  await rm(join(root, 'workers'), { recursive: true });
  const write = async (options: Parameters<typeof worker>[1]) => {
    const tree = new FsTree(root, false);
    const output = await said(tree, options);
    flushChanges(root, tree.listChanges());
    return output;
  };
  for (const from of SHIPPED) await write({ name: from, from });
  for (const template of TEMPLATES) await write({ name: template, template });
  const workers = await readWorkers(root);
  expect([...workers.keys()].toSorted()).toEqual([...SHIPPED, ...TEMPLATES].toSorted());
  for (const one of workers.values()) await expect(checkWorkerFiles(root, one)).resolves.toBeUndefined();
  expect(await readFile(join(root, 'workers/kits/node/index.ts'), 'utf8')).toContain('from "./entry.ts"\n');
  for (const name of SHIPPED) expect(await write({ name, update: true })).toContain(`${name} and the kit files`);
});

test('an update shows the differences and writes none of them unless asked; own files stay', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await worker(tree, { name: 'mine', from: 'ideal-point' });
  const update = { name: 'mine', update: true };
  expect(await said(tree, update)).toBe(
    'ideal-point and the kit files that it uses are as in nx-study@0.1.0/ideal-point.',
  );

  const manifest = 'workers/mine/worker.json';
  const older = tree.read(manifest, 'utf8')!.replace('nx-study@0.1.0/', 'nx-study@0.0.9/');
  tree.write(manifest, older);
  expect(await said(tree, update)).toContain('but for the version in its worker.json');

  const code = 'workers/mine/src/ideal_point/groups.py';
  const kit = 'workers/kits/python/nx_study_worker/stop.py';
  const [shipped, shippedKit] = [tree.read(code, 'utf8')!, tree.read(kit, 'utf8')!];
  tree.write(code, `# mine\n${shipped}`);
  tree.write('workers/mine/src/ideal_point/own.py', '# only here\n');
  tree.delete(kit);
  const shown = await said(tree, update);
  expect(shown).toContain(`--- a/${code}`);
  expect(shown).toContain('\n-# mine\n');
  expect(shown).toContain(`${kit} is new`);
  expect(shown).toContain('3 files differ from nx-study@0.1.0/ideal-point');
  expect(tree.read(code, 'utf8')).toBe(`# mine\n${shipped}`);
  expect(tree.exists(kit)).toBe(false);

  expect(await said(tree, { ...update, write: true })).toContain('3 files were replaced by nx-study@0.1.0/ideal-point');
  expect(tree.read(code, 'utf8')).toBe(shipped);
  expect(tree.read(kit, 'utf8')).toBe(shippedKit);
  expect(tree.read('workers/mine/src/ideal_point/own.py', 'utf8')).toBe('# only here\n');
  expect(await said(tree, update)).toContain('are as in nx-study@0.1.0/ideal-point');
});

test('of a long file an update only says that it differs', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await worker(tree, { name: 'vllm', from: 'vllm' });
  const lock = 'workers/vllm/requirements.cuda.lock';
  const text = tree.read(lock, 'utf8')!;
  tree.write(lock, text.split('\n').slice(0, 2).join('\n'));
  const shown = await said(tree, { name: 'vllm', update: true });
  expect(shown).toMatch(/requirements\.cuda\.lock differs: 2 lines here, [\d,]+ there/);
});

test.each([
  [{ name: 'Mine', template: 'shell' }, `"Mine" can't be a worker's name`],
  [{ name: 'kits', template: 'shell' }, 'is not "kits"'],
  [{ name: 'there', template: 'shell' }, 'workers/there exists already'],
  [{ name: 'new' }, 'say what to make the worker from: --from=ideal-point|'],
  [{ name: 'new', from: 'vllm', template: 'shell' }, 'take one of the two out'],
  [{ name: 'new', from: 'vlm' }, '--from=vlm: there is no such one. Did you mean `vllm`?'],
  [{ name: 'new', template: 'bash' }, '--template=bash: there is no such one.'],
  [{ name: 'new', update: true }, 'workers/new/worker.json does not exist'],
  [{ name: 'there', update: true }, 'workers/there/worker.json has no key `from`'],
  [{ name: 'gone', update: true }, 'but this nx-study has no such worker'],
  [{ name: 'foreign', update: true }, 'which is no worker of nx-study'],
])('refuses %j', async (options, message) => {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('workers/there/worker.json', '{}');
  tree.write('workers/gone/worker.json', '{ "from": "nx-study@0.1.0/older" }');
  tree.write('workers/foreign/worker.json', '{ "from": "other@1.0.0/vllm" }');
  const before = tree.listChanges().length;
  await expect(worker(tree, options)).rejects.toThrow(message);
  expect(tree.listChanges()).toHaveLength(before);
});

test('the options name each shipped worker and each template, which are there', () => {
  expect(schema.properties.from.enum).toEqual(SHIPPED);
  expect(schema.properties.template.enum).toEqual(TEMPLATES);
  for (const name of SHIPPED) expect(existsSync(join(repository, 'workers', name, 'worker.json'))).toBe(true);
});
