import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NxJsonConfiguration, ProjectConfiguration } from '@nx/devkit';
import { resetWorkspaceContext, setupWorkspaceContext } from 'nx/src/devkit-internals.js';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import broken from '../../../plugins/nx-study/src/graph/broken.ts';
import { decodeOptions } from '../../../plugins/nx-study/src/graph/encoding.ts';
import { createNodes } from '../../../plugins/nx-study/src/graph/plugin.ts';
import { planFile } from '../../../plugins/nx-study/src/plan/planfile.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { entry } from '../assets/workspace.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/workers');

let root: string;

beforeEach(async () => {
  vi.stubEnv('NX_DAEMON', 'false');
  root = await mkdtemp(join(tmpdir(), 'nx-study-plugin-'));
  await cp(join(fixtures, 'scripted'), join(root, 'workers/scripted'), { recursive: true });
  await write('nx.json', '{}');
  await write('package.json', '{ "name": "workspace", "workspaces": ["packages/*"] }');
  await write('.gitignore', 'results/\n');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  resetWorkspaceContext();
  await rm(root, { recursive: true, force: true });
});

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}

const study = (text: string, name = 'hello') => write(`studies/${name}/study.yaml`, text);
const three = 'worker: scripted\nsweep: {value: [1, 2, 3]}\n';

/** All projects of the plugin, by name. */
async function graph(nxJson: NxJsonConfiguration = {}): Promise<Record<string, ProjectConfiguration>> {
  resetWorkspaceContext();
  setupWorkspaceContext(root);
  const [, create] = createNodes;
  const results = await create(['nx.json'], undefined, { workspaceRoot: root, nxJsonConfiguration: nxJson });
  const projects = results.flatMap(([, result]) => Object.values(result.projects ?? {}));
  return Object.fromEntries(projects.map((project) => [project.name, project as ProjectConfiguration]));
}

const measurements = (projects: Record<string, ProjectConfiguration>) =>
  Object.entries(projects)
    .filter(([name]) => name.includes('.'))
    .map(([, project]) => project.targets!['measure']!);

/** What each target of a study that can't be used says; null for one that can. */
async function messageOf(name: string, nxJson?: NxJsonConfiguration): Promise<string | null> {
  const targets = Object.values((await graph(nxJson))[name]!.targets!);
  const messages = new Set(
    targets.map(({ executor, options }) =>
      executor === 'nx-study:broken' ? (decodeOptions(options as object)['message'] as string) : null,
    ),
  );
  expect(messages.size).toBe(1);
  return [...messages][0]!;
}

it('runs the measurements of a lane one after another, and those of different lanes beside each other', async () => {
  const of = (projects: Record<string, ProjectConfiguration>) =>
    Object.entries(projects)
      .filter(([name]) => name.includes('.'))
      .map(([name, { tags, targets, implicitDependencies = [] }]) => ({
        name,
        lane: tags!.find((tag) => tag.startsWith('hello:lane-'))?.slice(-1) ?? null,
        after: targets!['measure']!.dependsOn?.flatMap((one) => (one as { projects: string[] }).projects) ?? [],
        drawn: implicitDependencies,
        options: targets!['measure']!.options,
      }));
  await study(`${three}repeat: {times: 2}\n`);
  const before = of(await graph());
  expect(before.map(({ after }) => after.length)).toEqual([0, 1, 1, 1, 1, 1]);
  expect(new Set(before.map(({ lane }) => lane))).toEqual(new Set([null]));

  await study(`${three}repeat: {times: 2}\nexecution: {lanes: 2}\n`);
  const divided = of(await graph());
  expect(divided.map(({ lane }) => lane)).toEqual(['1', '1', '1', '2', '2', '2']);
  for (const lane of ['1', '2']) {
    const own = divided.filter((one) => one.lane === lane);
    expect(own.map(({ after }) => after)).toEqual([[], [own[0]!.name], [own[1]!.name]]);
    expect(own.map(({ drawn }) => drawn)).toEqual(own.map(({ after }) => after));
  }
  // The identity has nothing of it, so nothing is measured again.
  expect(divided.map(({ options }) => options)).toEqual(before.map(({ options }) => options));
});

describe('code of the workspace', () => {
  const name = async (own: object) => {
    const file = 'workers/scripted/worker.json';
    const manifest = JSON.parse(await readFile(join(root, file), 'utf8')) as { measuring: string[] };
    const measuring = ['{workspace}/packages/lib/src/*.ts', '!{workspace}/packages/lib/src/*.test.ts'];
    await write(file, JSON.stringify({ ...manifest, measuring: [...manifest.measuring, ...measuring], ...own }));
  };

  beforeEach(async () => {
    await write('packages/lib/src/a.ts', '');
    await write('packages/tool(1)/project.json', '{ "name": "tool" }');
    await study(three);
  });

  it('is an input of the measurements, and its build comes before each of them', async () => {
    await name({ projects: ['tool'], dependsOn: ['tool:build', 'other:docker:build'] });
    const targets = measurements(await graph());
    expect(targets).toHaveLength(3);
    for (const { inputs, dependsOn } of targets) {
      const files = inputs!.filter((input) => typeof input === 'string');
      expect(files).toEqual([
        '{workspaceRoot}/packages/lib/src/*.ts',
        '{workspaceRoot}/packages/tool[(]1[)]/**/*',
        '!{workspaceRoot}/packages/lib/src/*.test.ts',
      ]);
      expect(dependsOn!.slice(-2)).toEqual([
        { projects: ['tool'], target: 'build' },
        { projects: ['other'], target: 'docker:build' },
      ]);
    }
    expect(targets.map(({ dependsOn }) => dependsOn!.length)).toEqual([2, 3, 3]);
  });

  it('that is not there breaks the study with a message that names worker.json', async () => {
    await name({ projects: ['tol'] });
    expect(await messageOf('hello')).toMatch(
      /^workers\/scripted\/worker\.json:1: .* names the project `tol`\. Did you mean/,
    );
  });
});

describe('studies', () => {
  it('are found by nx.json, whatever the files that Nx names', async () => {
    await study(three);
    await study(three, 'other');
    expect(Object.keys(await graph()).filter((name) => !name.includes('.'))).toEqual(['hello', 'other']);
  });

  it('that git ignores are none', async () => {
    await study(three);
    await write('.gitignore', 'results/\nstudies/hello\n');
    expect(await graph()).toEqual({});
  });

  it.each(['study.yml', 'Study.yaml', 'study.YAML'])('whose file is named %s get a hint', async (file) => {
    await write(`studies/hello/${file}`, three);
    expect(await messageOf('hello')).toBe(
      `studies/hello/${file} is not read: a study's file is studies/hello/study.yaml. Rename it`,
    );
  });

  it('with a copy of another spelling beside their file are read', async () => {
    await study(three);
    await write('studies/hello/study.yml', 'x');
    expect(await messageOf('hello')).toBeNull();
  });

  it('whose folder is a link get a hint, and others go on', async () => {
    await study(three);
    await write('elsewhere/study.yaml', three);
    await write('elsewhere/data/notes.md', '');
    await symlink('../elsewhere', join(root, 'studies/linked'));
    await symlink('../elsewhere/data', join(root, 'studies/data'));
    await symlink('nowhere', join(root, 'studies/dangling'));
    await symlink('loop', join(root, 'studies/loop'));
    const projects = await graph();
    expect(Object.keys(projects).filter((name) => !name.includes('.'))).toEqual(['hello', 'linked']);
    expect(measurements(projects)).toHaveLength(3);
    expect(await messageOf('linked')).toContain('studies/linked is a link to a folder');
  });

  it('of a linked folder studies get it as well', async () => {
    await write('elsewhere/hello/study.yaml', three);
    await symlink('elsewhere', join(root, 'studies'));
    expect(await messageOf('hello')).toContain('studies is a link to a folder');
  });
});

describe('a study named like another project', () => {
  it.each([
    ['libs/hello/project.json', '{}'],
    ['libs/x/project.json', '{ "name": "hello" } // as Nx allows'],
    ['packages/x/package.json', '{ "name": "hello" }'],
    ['packages/x/package.json', '{ "name": "y", "nx": { "name": "hello" } }'],
    ['studies/hello/project.json', '{ "tags": ["gpu"] }'],
  ])('as %s %s names one, breaks only itself', async (file, content) => {
    await study(three);
    await study(three, 'other');
    await write(file, content);
    const projects = await graph();
    expect(Object.keys(projects).filter((name) => !/\..*-/.test(name))).toEqual(['hello.study', 'other']);
    expect(measurements(projects).filter(({ executor }) => executor === 'nx-study:measure')).toHaveLength(3);
    const message = await messageOf('hello.study');
    expect(message).toContain(`${file} names one \`hello\``);
    expect(message).toContain('Rename the folder of the study');
  });

  it.each([
    ['vendor/x/package.json', '{ "name": "hello" }'],
    ['libs/hello/project.json', '{ "name": "world" }'],
    ['libs/x/project.json', '{ broken'],
  ])('is not seen in %s %s', async (file, content) => {
    await study(three);
    await write(file, content);
    expect(measurements(await graph())).toHaveLength(3);
  });
});

describe('inputs', () => {
  const inputsOf = async () =>
    Object.fromEntries(
      measurements(await graph()).map(({ options, inputs }) => [
        (options as { configuration: { value: number } }).configuration.value,
        inputs as object[],
      ]),
    );
  const file = { fileset: '{workspaceRoot}/studies/hello/study.yaml', includeIgnored: true };

  async function sync(): Promise<string[]> {
    const { plan, assets } = await loadStudy({
      workspaceRoot: root,
      file: 'studies/hello/study.yaml',
      workers: await readWorkers(root),
    });
    await write('studies/hello/study.lock', planFile(plan, assets));
    return plan.measurements.map(({ id }) => id);
  }

  it('have the study file only where the committed plan says something else', async () => {
    await study(three);
    for (const inputs of Object.values(await inputsOf())) expect(inputs).toContainEqual(file);
    await sync();
    for (const inputs of Object.values(await inputsOf())) expect(inputs).not.toContainEqual(file);
    await study('description: other words\nworker: scripted\nsweep: {value: [4, 2, 1]}\n');
    const changed = await inputsOf();
    expect(changed[4]).toContainEqual(file);
    for (const value of [1, 2]) expect(changed[value]).not.toContainEqual(file);
    await study('worker: scripted\nsweep: {value: [1, 2, 3]}\nbase: {sleep_s: 0.01}\n');
    for (const inputs of Object.values(await inputsOf())) expect(inputs).toContainEqual(file);
  });

  it('have all that an entry of the plan is made from, where that changed', async () => {
    const other = (file: string) => ({ fileset: `{workspaceRoot}/${file}`, includeIgnored: true });
    const schema = other('workers/scripted/config.schema.json');
    const withModel = `worker: scripted\nexperiments:\n  - {label: a, value: 1}\n  - {label: b, value: 2, model: little}\n`;
    const source = { url: 'https://localhost/little.gguf' };
    const assets = (content: string) => stringify({ little: entry(Buffer.from(content), source) });
    await write('studies/assets.yaml', assets('0'));
    await study(withModel);
    await sync();
    for (const inputs of Object.values(await inputsOf())) expect(inputs).not.toContainEqual(schema);
    await write('studies/assets.yaml', assets('1'));
    const changed = await inputsOf();
    expect(changed[2]).toContainEqual(other('studies/assets.yaml'));
    expect(JSON.stringify(changed[1])).not.toMatch(/assets.yaml|study.yaml/);
    await sync();
    const text = await readFile(join(root, 'workers/scripted/config.schema.json'), 'utf8');
    await write(
      'workers/scripted/config.schema.json',
      text.replace('"linger_s": { "type": "number", "default": 0', '"linger_s": { "type": "number", "default": 1'),
    );
    for (const inputs of Object.values(await inputsOf())) expect(inputs).toContainEqual(schema);
  });

  it('have the modules that a Python file imports, and no others', async () => {
    const fileset = (path: string) => ({ fileset: `{workspaceRoot}/${path}`, includeIgnored: true });
    await write('studies/models/m.py', 'import helpers');
    await write('studies/models/helpers.py', 'from p.deep import f');
    await write('studies/models/p/deep.py', '');
    await write('studies/models/other.py', '');
    await study('worker: scripted\nbase: {script: ../models/m.py}\n');
    const { 1: inputs } = await inputsOf();
    const modules = ['m.py', 'helpers.py', 'p/deep.py'].map((file) => fileset(`studies/models/${file}`));
    expect(inputs).toEqual(expect.arrayContaining(modules));
    expect(JSON.stringify(inputs)).not.toContain('other.py');
  });

  it('have what a data file, its folder or the study file leads to, where that is a link in the workspace', async () => {
    const fileset = (path: string) => ({ fileset: `{workspaceRoot}/${path}`, includeIgnored: true });
    await write('shared/a[1].txt', '1');
    await write('shared/b.txt', '2');
    await write(
      'shared/hello.yaml',
      'worker: scripted\nexperiments:\n  - {label: a, value: 1, data: ../one.txt}\n  - {label: b, value: 2, data: ../all/b.txt}\n  - {label: c, value: 3, data: ../plain.txt}\n',
    );
    await write('studies/plain.txt', '3');
    await mkdir(join(root, 'studies/hello'), { recursive: true });
    await symlink('../../shared/hello.yaml', join(root, 'studies/hello/study.yaml'));
    await symlink('../shared/a[1].txt', join(root, 'studies/one.txt'));
    await symlink('../shared', join(root, 'studies/all'));
    const inputs = await inputsOf();
    expect(inputs[1]).toEqual(expect.arrayContaining(['studies/one.txt', 'shared/a[[]1[]].txt'].map(fileset)));
    expect(inputs[2]).toEqual(expect.arrayContaining(['studies/all/b.txt', 'shared/b.txt'].map(fileset)));
    expect(inputs[3]).toContainEqual(fileset('studies/plain.txt'));
    for (const all of Object.values(inputs)) expect(all).toContainEqual(fileset('shared/hello.yaml'));
  });

  it.each(['[]', '{ "measurements": [] }', 'torn', '{ "measurements": { "__proto__": 1 } }'])(
    'have it where the plan is %s',
    async (content) => {
      await study(three);
      await write('studies/hello/study.lock', content);
      for (const inputs of Object.values(await inputsOf())) expect(inputs).toContainEqual(file);
    },
  );

  it('have takes.json only where something is measured again', async () => {
    await study(three);
    const [, second] = await sync();
    await write('studies/hello/takes.json', JSON.stringify({ [second!]: 2 }));
    const takes = { json: '{workspaceRoot}/studies/hello/takes.json', fields: [second] };
    const inputs = await inputsOf();
    expect(inputs[2]).toContainEqual(takes);
    for (const value of [1, 3]) expect(JSON.stringify(inputs[value])).not.toContain('takes.json');
  });
});

describe('texts with tokens of Nx', () => {
  it('are encoded in options, and nowhere else', async () => {
    await write('studies/data/{projectName}.txt', '1');
    await study('worker: scripted\nexperiments:\n  - {label: a, data: "../data/{projectName}.txt"}\n');
    const [measure] = measurements(await graph());
    const { configuration, seed } = measure!.options as { configuration: string; seed: number };
    expect(configuration).toContain('\\u007bprojectName}.txt');
    expect(seed).toBeTypeOf('number');
    expect(decodeOptions({ configuration })['configuration']).toMatchObject({
      data: 'studies/data/{projectName}.txt',
    });
    expect(JSON.stringify(measure!.inputs)).not.toContain('{projectName}');
    expect(JSON.stringify(measure!.outputs)).not.toContain('{projectName}');
  });

  it('in what is wrong with a study arrive as they were written', async () => {
    await study('worker: scripted\nbase: {"{workspaceRoot} {projectName}": "a {workspaceRoot} b"}\n');
    const { options } = (await graph())['hello']!.targets!['measure']!;
    expect(JSON.stringify(options)).not.toMatch(/\{(workspaceRoot|projectName)\}/);
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await broken(options as object)).toEqual({ success: false });
    expect(said.mock.calls[0]![0]).toContain('{workspaceRoot} {projectName}');
    said.mockRestore();
  });
});

describe('a link where results are restored', () => {
  it.each(['results', 'results/hello', 'results/hello/ID', 'results/hello/ID/DIGEST', 'results/hello/failed'])(
    '%s breaks the study, with its name',
    async (place) => {
      await study(three);
      const { id, digest } = measurements(await graph())[0]!.options as { id: string; digest: string };
      const link = place.replace('ID', id).replace('DIGEST', digest.slice(0, 12));
      await mkdir(join(root, dirname(link)), { recursive: true });
      await symlink('elsewhere', join(root, link));
      expect(await messageOf('hello')).toContain(`${link} is a link.`);
    },
  );

  it('of another study leaves this one alone', async () => {
    await study(three);
    await mkdir(join(root, 'results/hello/report'), { recursive: true });
    await symlink('elsewhere', join(root, 'results/other'));
    expect(measurements(await graph())).toHaveLength(3);
  });
});

it('a study of one name that Nx ignores is no way past the other one: commands would read it instead', async () => {
  const options = { studies: ['studies', 'packages/*/studies'] };
  await write('nx.json', JSON.stringify({ plugins: [{ plugin: 'nx-study/plugin', options }] }));
  await write('.gitignore', 'results/\nstudies/hello\n');
  await write('packages/a/studies/hello/study.yaml', three);
  expect(await messageOf('hello')).toBeNull();
  await study(three);
  expect(await messageOf('hello')).toContain(
    'studies/hello/study.yaml and packages/a/studies/hello/study.yaml are two studies of one name',
  );
});

describe('targetDefaults of nx.json', () => {
  type Defaults = NonNullable<NxJsonConfiguration['targetDefaults']>;
  const namedInputs = { ci: ['{workspaceRoot}/ci.yaml', '!{workspaceRoot}/x', 'ci'], nested: ['ci', 'default'] };
  it.each<[string, Defaults]>([
    ['nx.json: targetDefaults.measure: "dependsOn"', { measure: { dependsOn: ['^build'] } }],
    ['nx.json: targetDefaults.measure: "outputs"', { measure: { outputs: ['{projectRoot}/dist'] } }],
    ['nx.json: targetDefaults.measure: "outputs"', { measure: { outputs: ['...', '{projectRoot}'] } }],
    ['nx.json: targetDefaults.measure: "outputs"', { measure: { outputs: ['...', '{workspaceRoot}/results/**'] } }],
    ['nx.json: targetDefaults.measure: "outputs"', { measure: { outputs: ['...', '{projectRoot}/a*'] } }],
    ['nx.json: targetDefaults.measure: "outputs"', { measure: { outputs: ['...', '{workspaceRoot}/a/../results'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['default'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['...', 'default'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['...', '^ci'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['...', 'nested'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['...', '!{projectRoot}/x'] } }],
    ['nx.json: targetDefaults.measure: "inputs"', { measure: { inputs: ['...', { fileset: '{projectRoot}/x' }] } }],
    [
      'nx.json: targetDefaults.measure: "inputs"',
      { measure: { inputs: ['...', { input: 'ci', dependencies: true }] } },
    ],
    [
      'nx.json: targetDefaults.nx-study:measure: "inputs", "outputs"',
      { 'nx-study:measure': { inputs: [], outputs: [] } },
    ],
    ['nx.json: targetDefaults.m*: "parallelism"', { 'm*': { parallelism: false } }],
    ['nx.json: targetDefaults.measure: "options"', { measure: { options: { seed: 5 } } }],
    ['nx.json: targetDefaults.measure: "options"', { measure: { options: { extra: 1 } } }],
    ['nx.json: targetDefaults.measure: "configurations"', { measure: { configurations: { fast: { seed: 5 } } } }],
    ['nx.json: targetDefaults.measure: "cache"', { measure: { cache: true } }],
    ['nx.json: targetDefaults.nx-study:verify: "cache"', { 'nx-study:verify': { cache: true } }],
    ['nx.json: targetDefaults.report: "cache"', { report: { cache: true } }],
    ['nx.json: targetDefaults.nx-study:plan: "cache"', { 'nx-study:plan': { cache: true } }],
    ['nx.json: targetDefaults.measure[1]: "dependsOn"', { measure: [{ cache: false }, { dependsOn: [] }] }],
    [
      'nx.json: targetDefaults.measure[0]: "dependsOn"',
      { measure: [{ filter: { projects: ['hello.value-2*'] }, dependsOn: [] }] },
    ],
    [
      'nx.json: targetDefaults.measure[0]: "dependsOn"',
      { measure: [{ filter: { plugin: 'nx-study' }, dependsOn: [] }] },
    ],
    ['nx.json: targetDefaults.report: "inputs"', { report: { inputs: ['default'] } }],
  ])('%s', async (place, targetDefaults) => {
    await study(three);
    const nxJson = { targetDefaults, namedInputs };
    expect(await messageOf('hello', nxJson)).toContain(`  ${place}\n`);
    // Where Nx has files, so that the message is seen, whatever the defaults.
    expect((await graph(nxJson))['hello']!.root).toBe('studies/hello');
  });

  it('refuses outputs in the folder of results that nx.json names', async () => {
    const plugins = [{ plugin: 'nx-study/plugin', options: { results: 'measured/results' } }];
    await write('nx.json', JSON.stringify({ plugins }));
    await study(three);
    const withOutput = (output: string) =>
      messageOf('hello', { targetDefaults: { measure: { outputs: ['...', output] } } });
    const refused = '  nx.json: targetDefaults.measure: "outputs"\n';
    expect(await withOutput('{workspaceRoot}/measured')).toContain(refused);
    expect(await withOutput('{workspaceRoot}/measured/*')).toContain(refused);
    expect(await withOutput('{workspaceRoot}/results')).toBeNull();
  });

  it.each<Defaults>([
    { build: { dependsOn: ['^build'], cache: true, outputs: [] } },
    { measure: { dependsOn: ['...', '^build'], inputs: ['...', 'ci'], outputs: ['...', '{projectRoot}/notes'] } },
    { measure: { inputs: ['...', { env: 'X' }, { runtime: 'true' }, { input: 'default', projects: ['lib'] }] } },
    { measure: { cache: false, options: {} }, report: { options: { columns: 200 }, dependsOn: ['build'] } },
    // Nx leaves out defaults for what another executor runs.
    { measure: { executor: 'nx:run-commands', outputs: [] }, report: { command: 'true', cache: true } },
    { measure: [{ filter: { projects: ['!hello', '!hello.*'] }, dependsOn: ['^build'] }] },
    { measure: [{ filter: { plugin: '@nx/vite/plugin' }, cache: true }] },
  ])('%j leave a study as it is', async (targetDefaults) => {
    await study(three);
    const projects = await graph({ targetDefaults, namedInputs });
    expect(projects['hello']!.targets!['measure']!.executor).toBe('nx-study:verify');
    expect(measurements(projects)).toHaveLength(3);
  });
});
