import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { stringify } from 'yaml';
import { hashPath } from '../../../plugins/nx-study/src/assets/hash.ts';
import { tsx } from '../../../plugins/nx-study/src/environment/tsx.ts';
import { openContents } from '../../../plugins/nx-study/src/graph/content.ts';
import { digestOf, identify, workerContent } from '../../../plugins/nx-study/src/graph/identity.ts';
import { openSources } from '../../../plugins/nx-study/src/graph/sources.ts';
import { identifiedTasks } from '../../../plugins/nx-study/src/graph/tasks.ts';
import type { IdentifiedTask } from '../../../plugins/nx-study/src/graph/tasks.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/workers');

const study = {
  worker: 'scripted',
  seed: 1,
  base: { value: 1, data: '../data/number.txt' },
  sweep: { sleep_s: [0, 0.5] },
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-study-identity-'));
  await cp(join(fixtures, 'scripted'), join(root, 'workers/scripted'), { recursive: true });
  await write('studies/data/number.txt', '7');
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(join(root, file), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await write(file, after);
}

/** id → digest of all measurements of a study of that text. */
async function digests(definition: object | string = study, name = 's'): Promise<Record<string, string>> {
  const text = typeof definition === 'string' ? definition : stringify(definition);
  await write(`studies/${name}/study.yaml`, text);
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: `studies/${name}/study.yaml`, workers });
  const tasks = await identifiedTasks(root, plan, workers);
  return Object.fromEntries(tasks.map(({ task }) => [task.id, task.digest]));
}

const values = (of: Record<string, string>) => Object.values(of).sort();

async function expectAllToChange(before: Record<string, string>, after: Record<string, string>): Promise<void> {
  expect(values(after)).toHaveLength(values(before).length);
  for (const digest of values(after)) expect(values(before)).not.toContain(digest);
}

describe('what matters changes a digest', () => {
  it('a configured value', async () => {
    await expectAllToChange(await digests(), await digests({ ...study, base: { ...study.base, value: 2 } }));
  });

  it('the file that an image is built from, each file that it copies, and the network', async () => {
    const build = { file: 'Containerfile', context: ['image/**'] };
    const boxed = (more: object = {}) =>
      edit('workers/scripted/worker.json', (text) =>
        JSON.stringify({ ...JSON.parse(text), environment: { type: 'container', build, ...more } }),
      );
    await write('workers/scripted/Containerfile', 'FROM scratch\nCOPY image /\n');
    await write('workers/scripted/image/one', '1');
    await boxed();
    let before = await digests();
    const changes = [
      () => write('workers/scripted/Containerfile', 'FROM scratch\nCOPY image /other\n'),
      () => write('workers/scripted/image/one', '2'),
      () => write('workers/scripted/image/two', '1'),
      () => rename(join(root, 'workers/scripted/image/two'), join(root, 'workers/scripted/image/three')),
      () => boxed({ network: 'host' }),
    ];
    for (const change of changes) {
      await change();
      const after = await digests();
      await expectAllToChange(before, after);
      before = after;
    }
    vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', 'apptainer');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await digests()).toEqual(before);
  });

  it('a default of the worker, although no study file changed', async () => {
    const before = await digests();
    await edit('workers/scripted/config.schema.json', (text) =>
      text.replace('"linger_s": { "type": "number", "default": 0', '"linger_s": { "type": "number", "default": 0.1'),
    );
    const after = await digests();
    await expectAllToChange(before, after);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  it('the contents of a data file', async () => {
    const before = await digests();
    await write('studies/data/number.txt', '8');
    await expectAllToChange(before, await digests());
  });

  describe('of a Python file', () => {
    const model = { ...study, base: { script: '../models/m.py', data: { one: '../data/number.txt' } } };

    beforeEach(async () => {
      await edit('workers/scripted/config.schema.json', (text) =>
        text.replace(
          '"data": { "type": "string", "format": "data-file" }',
          '"data": { "type": "object", "additionalProperties": { "type": "string", "format": "data-file" } }',
        ),
      );
      await write('studies/models/m.py', 'import helpers, numpy\n');
      await write('studies/models/helpers.py', 'from p import deep\n');
      await write('studies/models/p/deep.py', '');
      await write('studies/models/other.py', '');
    });

    it.each(['m.py', 'helpers.py', 'p/deep.py', '../data/number.txt'])('the contents of %s', async (file) => {
      const before = await digests(model);
      await write(join('studies/models', file), 'import helpers\nfrom p import deep');
      await expectAllToChange(before, await digests(model));
    });

    it('a module that is there now, also one that stands before a package', async () => {
      const before = await digests(model);
      await write('studies/models/numpy.py', '');
      await expectAllToChange(before, await digests(model));
    });

    it('neither another module nor its folder', async () => {
      const before = await digests(model);
      await write('studies/models/other.py', 'import m');
      expect(await digests(model)).toEqual(before);
      await rename(join(root, 'studies/models'), join(root, 'studies/moved'));
      const moved = { ...model, base: { ...model.base, script: '../moved/m.py' } };
      expect(values(await digests(moved))).toEqual(values(before));
    });

    it('an import from above its folder is a problem of the study', async () => {
      await write('studies/models/helpers.py', 'from ..shared import x');
      await expect(digests(model)).rejects.toThrow(
        /study\.yaml:4:11 {2}base\.script\n {4}studies\/models\/helpers\.py, line 1, imports `\.\.shared` from above the folder studies\/models\n/,
      );
    });
  });

  it("a lock of the study in place of the worker's, which matters no more then", async () => {
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('{ "type": "system" }', '{ "type": "uv", "python": ">=3.11", "lock": "a.lock", "own": "data" }'),
    );
    await write('workers/scripted/a.lock', '# nothing');
    await write('studies/data/number.txt', 'six==1.17.0 --hash=sha256:aa');
    const environments = async () => {
      await digests();
      const workers = await readWorkers(root);
      const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/s/study.yaml', workers });
      return (await identifiedTasks(root, plan, workers)).map(({ identity }) => identity.environment);
    };
    const [before, own] = [await digests(), await environments()];
    await write('workers/scripted/a.lock', '# other');
    expect([await digests(), await environments()]).toEqual([before, own]);
    await write('studies/data/number.txt', 'six==1.17.0 --hash=sha256:bb');
    await expectAllToChange(before, await digests());
    expect((await environments())[0]).not.toBe(own[0]);
    await write('studies/data/number.txt', '\nsix==1.17.0');
    await expect(digests()).rejects.toThrow(
      /study\.yaml:5:9 {2}base\.data\n {4}studies\/data\/number\.txt, line 2: "six==1\.17\.0" has no hash/,
    );
  });

  it('the measuring code', async () => {
    const before = await digests();
    await edit('workers/scripted/measure.mjs', (text) => `${text}// edited\n`);
    await expectAllToChange(before, await digests());
  });

  it('a file of the kit that the worker names', async () => {
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('["measure.mjs", ', '["measure.mjs", "{kits}/node/*.mjs", '),
    );
    await write('workers/kits/node/kit.mjs', 'export const a = 1;');
    const before = await digests();
    await write('workers/kits/node/kit.mjs', 'export const a = 2;');
    await expectAllToChange(before, await digests());
  });

  it('the measuring command and its environment variables', async () => {
    const before = await digests();
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"{worker}/measure.mjs",', '"--no-warnings", "{worker}/measure.mjs",'),
    );
    const command = await digests();
    await expectAllToChange(before, command);
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"config":', '"env": { "FAST": "1" }, "config":'),
    );
    await expectAllToChange(command, await digests());
  });

  it('the version of what runs TypeScript, for workers that use it', async () => {
    const known = tsx.version;
    const before = await digests();
    tsx.version = '0.0.1';
    onTestFinished(() => void (tsx.version = known));
    expect(await digests()).toEqual(before);
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"{worker}/measure.mjs",', '"--import", "{tsx}", "{worker}/measure.mjs",'),
    );
    const other = await digests();
    tsx.version = known;
    await expectAllToChange(other, await digests());
  });

  it('the major version of Node, for workers that run on it', async () => {
    const { versions } = process;
    const on = async (node: string) => {
      Object.defineProperty(process, 'versions', { value: { ...versions, node }, configurable: true });
      return digests();
    };
    onTestFinished(() => void Object.defineProperty(process, 'versions', { value: versions, configurable: true }));
    const before = await on('20.19.0');
    expect(await on('20.99.1')).toEqual(before);
    await expectAllToChange(before, await on('22.1.0'));
    const [identity] = await identities();
    expect(identity!.environment).toBe('node 22');

    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"{node}", "{worker}/measure.mjs"', '"sh", "{worker}/measure.mjs"'),
    );
    const elsewhere = await on('20.19.0');
    expect(await on('22.1.0')).toEqual(elsewhere);
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"config":', '"env": { "NODE_OPTIONS": "--import {tsx}" }, "config":'),
    );
    await expectAllToChange(await on('20.19.0'), await on('22.1.0'));
  });

  it('the major version of Node beside locked dependencies of another language', async () => {
    await write('workers/scripted/requirements.lock', 'six==1.16.0\n');
    await edit('workers/scripted/worker.json', (text) =>
      text.replace(
        '"environment": { "type": "system" }',
        '"environment": { "type": "uv", "python": ">=3.11", "lock": "requirements.lock" }',
      ),
    );
    const { versions } = process;
    const before = await digests();
    Object.defineProperty(process, 'versions', { value: { ...versions, node: '999.0.0' }, configurable: true });
    onTestFinished(() => void Object.defineProperty(process, 'versions', { value: versions, configurable: true }));
    await expectAllToChange(before, await digests());
  });

  it('the interpreter range and the locked dependencies', async () => {
    const environment = (python: string) =>
      `"environment": { "type": "uv", "python": "${python}", "lock": "requirements.lock" }`;
    await write('workers/scripted/requirements.lock', 'six==1.16.0\n');
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"environment": { "type": "system" }', environment('>=3.11')),
    );
    const before = await digests();
    await edit('workers/scripted/worker.json', (text) => text.replace('>=3.11', '>=3.12'));
    const python = await digests();
    await expectAllToChange(before, python);
    await write('workers/scripted/requirements.lock', 'six==1.17.0\n');
    await expectAllToChange(python, await digests());
  });

  it('the protocol', async () => {
    const identity = (await identities())[0]!;
    expect(await digestOf({ ...identity, protocol: 2 })).not.toBe(await digestOf(identity));
  });

  it('the platform that the study demands', async () => {
    await expectAllToChange(await digests(), await digests({ ...study, platform: 'host' }));
  });

  it('what the rules of its profile need, and their levels', async () => {
    const demanding = { ...study, platform: 'box' };
    const rules = (cores: object) => stringify({ rules: { cores } });
    await write('studies/platforms/box.yaml', rules({ least: 1 }));
    const before = await digests(demanding);
    await expectAllToChange(await digests(), before);
    await write('studies/platforms/box.yaml', rules({ least: 2 }));
    const larger = await digests(demanding);
    await expectAllToChange(before, larger);
    await write('studies/platforms/box.yaml', rules({ least: 2, level: 'warn' }));
    await expectAllToChange(larger, await digests(demanding));
    await write('studies/platforms/box.yaml', rules({ least: 1, message: 'More cores, please' }));
    expect(await digests(demanding)).toEqual(before);
  });

  it('the CPU allowance that the study asks for', async () => {
    await expectAllToChange(await digests(), await digests({ ...study, cpus: 1 }));
  });

  it('a passed environment variable', async () => {
    const before = await digests();
    process.env['SCRIPTED_FLAVOUR'] = 'sour';
    try {
      await expectAllToChange(before, await digests());
    } finally {
      delete process.env['SCRIPTED_FLAVOUR'];
    }
  });

  it('the repetition', async () => {
    const twice = await digests({ ...study, repeat: { times: 2 } });
    expect(new Set(values(twice)).size).toBe(4);
  });

  it('the seed', async () => {
    await expectAllToChange(await digests(), await digests({ ...study, seed: 2 }));
  });

  it('the take, of that measurement only', async () => {
    const before = await digests();
    const [first, second] = Object.keys(before) as [string, string];
    await write('studies/s/takes.json', JSON.stringify({ [first]: 2 }));
    const after = await digests();
    expect(after[first]).not.toBe(before[first]);
    expect(after[second]).toBe(before[second]);
  });

  it('null where a key was absent', async () => {
    await edit('workers/scripted/config.schema.json', (text) =>
      text.replace('"properties": {', '"properties": { "extra": { "type": ["string", "null"] },'),
    );
    await expectAllToChange(await digests(), await digests({ ...study, base: { ...study.base, extra: null } }));
  });
});

describe('what does not matter leaves every digest alone', () => {
  it('where a worker was copied from', async () => {
    const before = await digests();
    await edit('workers/scripted/worker.json', (text) => text.replace('{', '{ "from": "nx-study@0.1.0/scripted",'));
    expect(await digests()).toEqual(before);
  });

  it.each([
    ['the description', { description: 'another' }],
    ['the gap', { execution: { gap: { min_s: 99 } } }],
    ['the time limit', { execution: { timeout_s: 5 } }],
    ['when a study stops', { execution: { stop_after: { same_failure: 2 } } }],
    ['the limit of measurements', { limits: { measurements: 7 } }],
    ['the order', { repeat: { times: 1, order: 'shuffled', seed: 5 } }],
    ['the baseline of the report', { report: { baseline: { sleep_s: 0 } } }],
    ['a default spelled out', { base: { ...study.base, linger_s: 0 } }],
  ])('%s', async (_what, change) => {
    const before = await digests();
    expect(values(await digests({ ...study, ...change }))).toEqual(values(before));
  });

  it('the name of the study', async () => {
    expect(values(await digests(study, 'another'))).toEqual(values(await digests()));
  });

  it('the place and the name of a data file', async () => {
    const before = await digests();
    await mkdir(join(root, 'studies/elsewhere'));
    await rename(join(root, 'studies/data/number.txt'), join(root, 'studies/elsewhere/n.txt'));
    const moved = { ...study, base: { ...study.base, data: '../elsewhere/n.txt' } };
    expect(values(await digests(moved))).toEqual(values(before));
  });

  it('deriving code, the description of the worker, and other files in its folder', async () => {
    const before = await digests();
    await edit('workers/scripted/derive.mjs', (text) => `${text}// edited\n`);
    await edit('workers/scripted/worker.json', (text) => text.replace('Does what', 'It does what'));
    await write('workers/scripted/README.md', '# Notes');
    expect(await digests()).toEqual(before);
  });

  it('what doctor looks at before a run', async () => {
    const before = await digests();
    const doctor = '"doctor": { "imports": ["engine"], "command": ["{node}", "{worker}/doctor.mjs"] }, "kind"';
    await edit('workers/scripted/worker.json', (text) => text.replace('"kind"', doctor));
    await write('workers/scripted/doctor.mjs', '');
    expect(await digests()).toEqual(before);
  });

  it('the number of repetitions: those that were there keep theirs', async () => {
    const three = await digests({ ...study, repeat: { times: 3, order: 'shuffled' } });
    const five = await digests({ ...study, repeat: { times: 5, order: 'shuffled' } });
    expect(five).toMatchObject(three);
    expect(Object.keys(five)).toHaveLength(10);
  });

  it('a further value on an axis: the others keep theirs', async () => {
    const before = await digests();
    expect(await digests({ ...study, sweep: { sleep_s: [0.25, 0, 0.5] } })).toMatchObject(before);
  });

  it('gates', async () => {
    await edit('workers/scripted/worker.json', (text) => text.replace('"kind": "values"', '"kind": "posterior"'));
    const before = await digests();
    expect(await digests({ ...study, gates: { rhat_max: 1.1 } })).toEqual(before);
  });

  it('the format of a number', async () => {
    const text = (number: string) => `worker: scripted\nbase: { value: ${number} }\n`;
    const [one] = values(await digests(text('1000')));
    for (const same of ['1000.0', '1e3', '+1000', '0x3e8', '1.0e+3'])
      expect(values(await digests(text(same)))).toEqual([one]);
  });

  it('the order of keys', async () => {
    const base = { value: 3, sleep_s: 0.5, linger_s: 0.25, daemon: true, on_sigterm: 'ignore' };
    const expected = values(await digests({ worker: 'scripted', base }));
    const orders = fc.shuffledSubarray(Object.entries(base), { minLength: 5 });
    await fc.assert(
      fc.asyncProperty(orders, async (entries) => {
        const shuffled = { base: Object.fromEntries(entries), worker: 'scripted' };
        expect(values(await digests(shuffled))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});

async function identities() {
  await digests();
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/s/study.yaml', workers });
  return (await identifiedTasks(root, plan, workers)).map(({ identity }) => identity);
}

describe('code of the workspace', () => {
  const lib = 'packages/lib/src/sum.ts';
  const name = (own: object) =>
    edit('workers/scripted/worker.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), ...own }));
  const { measuring } = JSON.parse(readFileSync(join(fixtures, 'scripted/worker.json'), 'utf8')) as {
    measuring: string[];
  };

  beforeEach(async () => {
    await write('.gitignore', 'dist/\n');
    await write('packages/lib/project.json', '{ "name": "lib" }');
    await write(lib, '1');
  });

  it('counts where a pattern names it, and nothing else there does', async () => {
    await name({ measuring: [...measuring, '{workspace}/packages/**', '!{workspace}/packages/**/*.md'] });
    const before = await digests();
    await write(lib, '2');
    const after = await digests();
    await expectAllToChange(before, after);
    for (const file of ['node_modules/x/a.js', '.git/a', 'README.md']) await write(join('packages/lib', file), 'x');
    await write('tools/a.ts', 'x');
    await write('results/s/a.ts', 'x');
    expect(await digests()).toEqual(after);
    await write('packages/lib/dist/sum.js', 'x');
    await expectAllToChange(after, await digests());
  });

  it('counts where a project holds it: all but what git ignores', async () => {
    await name({ projects: ['lib'] });
    const before = await digests();
    await write(lib, '2');
    const edited = await digests();
    await expectAllToChange(before, edited);
    await write('packages/lib/src/more.ts', '');
    const added = await digests();
    await expectAllToChange(edited, added);
    await write('packages/lib/dist/sum.js', 'x');
    expect(await digests()).toEqual(added);
    await name({ measuring: [...measuring, '!{workspace}/packages/lib/src/more.ts'] });
    expect(await digests()).toEqual(edited);
  });

  it('is the same under a pattern and through a project, and a target to wait for is no code', async () => {
    await name({ projects: ['lib'] });
    const byProject = await digests();
    await name({ projects: [], measuring: [...measuring, '{workspace}/packages/lib/**'] });
    expect(await digests()).toEqual(byProject);
    await name({ dependsOn: ['lib:build'] });
    expect(await digests()).toEqual(byProject);
  });
});

describe('assets', () => {
  let models: string;
  beforeEach(async () => {
    models = await mkdtemp(join(tmpdir(), 'nx-study-models-'));
    vi.stubEnv('NX_STUDY_CACHE_DIR', join(models, 'cache'));
    await writeFile(join(models, 'one.bin'), 'weights');
    await write('studies/assets.yaml', stringify({ named: entry('weights'), other: entry('other') }));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(models, { recursive: true, force: true });
  });

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const entry = (text: string) => ({
    description: 'a model',
    licence: 'MIT',
    source: { url: 'https://example.org/model.bin' },
    bytes: text.length,
    sha256: sha256(text),
  });
  const tasksOf = async (model: string): Promise<IdentifiedTask[]> => {
    await write('studies/s/study.yaml', stringify({ worker: 'scripted', base: { model } }));
    const workers = await readWorkers(root);
    const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/s/study.yaml', workers });
    return identifiedTasks(root, plan, workers);
  };
  const taskOf = async (model: string) => (await tasksOf(model))[0]!;

  it('a name stands for the hash in studies/assets.yaml, without a look at the file', async () => {
    const { task, identity } = await taskOf('named');
    expect(identity.configuration.model).toEqual({ sha256: sha256('weights') });
    expect(task.unhashed).toEqual([]);
    expect((await taskOf('other')).task.digest).not.toBe(task.digest);
    await edit('studies/assets.yaml', (text) => text.replaceAll('licence: MIT', 'licence: GPL-3.0'));
    expect((await taskOf('named')).task.digest).toBe(task.digest);
  });

  it('a path stands for itself until it was hashed, then the same digest as a name with its contents', async () => {
    const path = join(models, 'one.bin');
    const before = await taskOf(path);
    expect(before.task.unhashed).toEqual(['model']);
    expect(before.identity.configuration.model).toEqual({ unhashed: path });
    // Nx's daemon doesn't see what changes outside of the workspace: then it must not need a new graph.
    await writeFile(path, 'other');
    expect((await taskOf(path)).task.digest).toBe(before.task.digest);
    await writeFile(path, 'weights');
    await hashPath(path, {});
    const after = await taskOf(path);
    expect(after.task).toMatchObject({ unhashed: [], digest: (await taskOf('named')).task.digest });
    // What the graph saw before can still be told.
    const workers = await readWorkers(root);
    const worker = workers.get('scripted')!;
    const sources = await openSources(root);
    const content = await workerContent(root, worker, sources.contents);
    const again = await identify(root, before.task, { worker, content }, sources);
    expect(await digestOf(again)).toBe(before.task.digest);
  });

  it('another file in its place needs a look', async () => {
    const path = join(models, 'one.bin');
    await hashPath(path, {});
    expect((await taskOf(path)).task.unhashed).toEqual([]);
    await writeFile(join(models, 'two.bin'), 'weights');
    await rename(join(models, 'two.bin'), path);
    expect((await taskOf(path)).task.unhashed).toEqual(['model']);
  });
});

describe('variants of an environment', () => {
  const variants = {
    type: 'uv',
    python: '>=3.11',
    variants: { by: 'flavour', locks: { cpu: 'cpu.lock', cuda: 'cuda.lock' } },
  };

  it('are told apart, and only the chosen lock counts', async () => {
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"environment": { "type": "system" }', `"environment": ${JSON.stringify(variants)}`),
    );
    await edit('workers/scripted/config.schema.json', (text) =>
      text.replace(
        '"properties": {',
        '"properties": { "flavour": { "enum": ["auto", "cpu", "cuda"], "default": "auto" },',
      ),
    );
    await write('workers/scripted/cpu.lock', 'six==1.16.0\n');
    await write('workers/scripted/cuda.lock', 'six==1.16.0\n');
    const of = async (flavour: string) => Object.values(await digests({ worker: 'scripted', base: { flavour } }))[0]!;
    const [cpu, cuda] = [await of('cpu'), await of('cuda')];
    const workers = await readWorkers(root);
    const hashes = (await workerContent(root, workers.get('scripted')!, await openContents(root))).environments;
    expect(hashes.get('cpu')).not.toBe(hashes.get('cuda'));
    await write('workers/scripted/cuda.lock', 'six==1.17.0\n');
    expect(await of('cpu')).toBe(cpu);
    expect(await of('cuda')).not.toBe(cuda);
  });

  it('refuses a manifest that chooses by a setting which the worker has not', async () => {
    await edit('workers/scripted/worker.json', (text) =>
      text.replace('"environment": { "type": "system" }', `"environment": ${JSON.stringify(variants)}`),
    );
    expect((await readWorkers(root)).broken.get('scripted')).toContain(
      "chooses the environment's variant by `flavour`, which is no setting in workers/scripted/config.schema.json",
    );
  });
});

it('a worker whose patterns miss its code breaks the studies that use it, and no others', async () => {
  await cp(join(fixtures, 'shell'), join(root, 'workers/shell'), { recursive: true });
  await edit('workers/scripted/worker.json', (text) => text.replace('"measuring": ["measure.mjs", ', '"measuring": ['));
  await expect(digests()).rejects.toThrow(
    /^workers\/scripted\/worker\.json:6: commands\.measure names workers\/scripted\/measure\.mjs, which no pattern/,
  );
  expect(values(await digests({ worker: 'shell', sweep: { number: [1] } }, 'other'))).toHaveLength(1);
});
