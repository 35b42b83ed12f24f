import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openChecks } from '../../../plugins/nx-study/src/check/open.ts';
import { CHECK_LIMITS, runCheck } from '../../../plugins/nx-study/src/check/run.ts';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import type { Worker } from '../../../plugins/nx-study/src/worker/manifest.ts';
import { readWorker } from '../../../plugins/nx-study/src/worker/read.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { aTask } from '../measure/task.ts';
import { aWorker } from '../worker/manifest.ts';

let root: string;

beforeEach(() => {
  root = temporaryFolder();
  mkdirSync(join(root, 'workers/w'), { recursive: true });
});

/** A worker whose check is this script. */
function checking(script: string, change: object = {}, program = '{node}'): Worker {
  const file = program === '{node}' ? 'check.mjs' : 'check.sh';
  writeFileSync(join(root, 'workers/w', file), script);
  return aWorker({ check: { command: [program, `{worker}/${file}`], settings: ['votes', 'coding'] }, ...change });
}

const READ = `
import { appendFileSync, readFileSync } from 'node:fs';
const { protocol, configuration } = JSON.parse(readFileSync(0, 'utf8'));
`;
const check = (worker: Worker, configuration: JsonObject = {}, limits = CHECK_LIMITS) =>
  runCheck(root, worker, configuration, { limits });

it('gives the settings on stdin, and takes problems with their places', async () => {
  const worker = checking(`${READ}
    const file = configuration.votes;
    const message = file + ', line 3, column a: "2" is not 1, protocol ' + protocol;
    console.log(JSON.stringify({ problems: [{ path: 'votes', message, file, line: 3, column: 'a', value: '2' }] }));`);
  expect(await check(worker, { votes: join(root, 'studies/votes.csv') })).toEqual({
    state: 'answered',
    schemas: [],
    size: null,
    problems: [
      {
        path: 'votes',
        message: 'studies/votes.csv, line 3, column a: "2" is not 1, protocol 1',
        file: 'studies/votes.csv',
        line: 3,
        column: 'a',
        value: '2',
      },
    ],
  });
});

const fine = { state: 'answered', problems: [], schemas: [], size: null };

it('is fine without a problem, also when the input was not read', async () => {
  const worker = checking(`console.log('{"problems": []}')`);
  expect(await check(worker, { votes: 'x'.repeat(1 << 20) })).toEqual(fine);
});

it('runs without what belongs to an environment, and without the variables of the caller', async () => {
  vi.stubEnv('NX_STUDY_SECRET', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const worker = checking(
    `const { OWN, CACHE, NX_STUDY_SECRET, PYTHONDONTWRITEBYTECODE } = process.env;
     const message = JSON.stringify({ OWN, CACHE, NX_STUDY_SECRET, PYTHONDONTWRITEBYTECODE, cwd: process.cwd() });
     console.log(JSON.stringify({ problems: [{ path: 'a', message }] }));`,
    { env: { OWN: '{worker}/x', CACHE: '{cache}/x', PYTHONDONTWRITEBYTECODE: '' } },
  );
  const found = await check(worker);
  expect(JSON.parse(found.state === 'answered' ? found.problems[0]!.message : '{}')).toEqual({
    OWN: 'workers/w/x',
    PYTHONDONTWRITEBYTECODE: '1',
    cwd: '/',
  });
});

describe('says why nothing was checked', () => {
  const reasonOf = async (...args: Parameters<typeof check>) => {
    const found = await check(...args);
    return found.state === 'unchecked' ? found.reason : found.state;
  };

  it.each([
    ['process.exit(3)', 'its check ended with exit code 3'],
    ['console.error("one"); console.error("no module"); process.exit(1)', 'exit code 1, and said: no module'],
    ['process.kill(process.pid, "SIGKILL")', 'its check ended with SIGKILL'],
    ['console.log("problems")', 'its check gave no readable answer'],
    ['console.log("{}")', 'its check gave no readable answer'],
    ['console.log(JSON.stringify({ problems: [{ path: "a", message: 1 }] }))', 'its check gave no readable answer'],
    ['', 'its check gave no readable answer'],
  ])('%s', async (script, reason) => {
    const told = await reasonOf(checking(script));
    expect(told).toContain(`the input of w was not checked: `);
    expect(told).toContain(reason);
    expect(told).toMatch(/\. The worker reads it when it measures$/);
  });

  it('when it takes too long, and then nothing of it is left', async () => {
    const pids = join(root, 'pids');
    const worker = checking(`sleep 300 &\necho $$ $! > ${pids}\nwait\n`, {}, 'sh');
    expect(await reasonOf(worker, {}, { timeout_s: 1, output_bytes: 100 })).toContain('did not end within 1 s');
    for (const pid of readFileSync(pids, 'utf8').trim().split(' '))
      expect(existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')).toBe(false);
  });

  it('when it says too much', async () => {
    const worker = checking('yes\n', {}, 'sh');
    expect(await reasonOf(worker, {}, { timeout_s: 60, output_bytes: 1000 })).toContain('more than 1000 bytes');
  });

  it('when a child of it keeps its output open', async () => {
    const worker = checking(`sleep 300 &\necho '{"problems": []}'\n`, {}, 'sh');
    expect(await reasonOf(worker)).toBe('answered');
  });

  it('when its program is not there', async () => {
    const worker = checking('', {}, '/nonexistent/program');
    expect(await reasonOf(worker)).toMatch(/\/nonexistent\/program could not be started/);
  });

  it('when there is no Python that the worker could run on', async () => {
    vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
    vi.stubEnv('PATH', '/nonexistent');
    onTestFinished(() => void vi.unstubAllEnvs());
    const system = checking('', {}, '{python}');
    expect(await reasonOf(system)).toContain('there is no Python for it (no python3 is on the PATH)');
    const environment = { type: 'uv', python: '>=9.1', lock: 'requirements.lock' };
    const uv = checking('', { environment }, '{python}');
    expect(await reasonOf(uv)).toContain('The worker w needs Python >=9.1, and none was found');
  });
});

it('each distinct input is checked once, and only by the settings that it reads', async () => {
  const worker = checking(`${READ}
    appendFileSync('${join(root, 'runs')}', JSON.stringify(configuration) + '\\n');
    console.log('{"problems": []}');`);
  const checked = openChecks(root);
  const task = (configuration: JsonObject) => aTask({ worker: 'w', configuration, dataFiles: ['votes'] });
  for (const draws of [100, 200])
    for (const coding of ['auto', 'voteview'])
      expect(await checked(task({ votes: 'data/votes.csv', coding, draws }), worker)).toEqual({
        state: 'fine',
        size: null,
      });
  const runs = readFileSync(join(root, 'runs'), 'utf8').trim().split('\n');
  expect(runs.map((line) => JSON.parse(line) as unknown)).toEqual(
    ['auto', 'voteview'].map((coding) => ({ votes: join(root, 'data/votes.csv'), coding })),
  );
});

it('a check that reads a file deep in a setting runs once for all other values of it, and never where there is none', async () => {
  const worker = checking(
    `${READ}
    appendFileSync('${join(root, 'runs')}', JSON.stringify(configuration) + '\\n');
    console.log('{"problems": []}');`,
  );
  worker.manifest.check!.settings = ['dataset', 'workloads.*.load.file'];
  const checked = openChecks(root);
  const of = (configuration: JsonObject) => checked(aTask({ worker: 'w', configuration, dataFiles: [] }), worker);
  for (const speed of [1, 2]) await of({ dataset: null, workloads: [{ load: { file: '/x', speed } }, { load: 5 }] });
  await of({ dataset: null, workloads: null });
  expect(readFileSync(join(root, 'runs'), 'utf8')).toBe(
    `${JSON.stringify({ dataset: null, workloads: [{ load: { file: '/x' } }, { load: null }] })}\n`,
  );
});

describe('schemas that a check gives for parts of the configuration', () => {
  const given = async (schemas: object[], configuration: JsonObject) => {
    const worker = checking(`console.log(${JSON.stringify(JSON.stringify({ problems: [], schemas }))})`);
    const found = await openChecks(root)(aTask({ worker: 'w', configuration }), worker);
    return found.state === 'wrong' ? found.problems : found.state;
  };
  const schema = {
    type: 'object',
    additionalProperties: false,
    properties: {
      parametrisation: { enum: ['centred', 'non-centred'], default: 'centred' },
      prior: { type: 'object', properties: { sigma: { type: 'number', exclusiveMinimum: 0 } } },
    },
  };

  it('a configuration that fits is fine, and gets no defaults', async () => {
    const configuration = { config: {}, draws: 1 };
    expect(await given([{ path: 'config', schema }], configuration)).toBe('fine');
    expect(configuration).toEqual({ config: {}, draws: 1 });
  });

  it('misfits are told with path, value and what is allowed', async () => {
    const config = { parametrisation: 'centered', prior: { sigma: -1 }, more: 1 };
    const problems = await given([{ path: 'config', schema }], { config });
    expect(problems).toMatchObject([
      { path: 'config.more', value: '1', message: expect.stringContaining('no setting `config.more`') },
      {
        path: 'config.parametrisation',
        value: '"centered"',
        message:
          '`config.parametrisation` must be `centred` or `non-centred`, but is "centered". Did you mean `centred`?',
      },
      { path: 'config.prior.sigma', value: '-1', message: '`config.prior.sigma` must be more than 0, but is -1' },
    ]);
  });

  it('a part may stand deeper, and several may be given', async () => {
    const sigma = { path: 'config.prior', schema: { properties: { sigma: { type: 'integer' } } } };
    expect(await given([{ path: 'config', schema }, sigma], { config: { prior: { sigma: 0.5 } } })).toMatchObject([
      { path: 'config.prior.sigma', message: expect.stringContaining('a whole number') },
    ]);
  });

  it.each([
    [{ path: 'config', schema: { type: 'objekt' } }, /^the check of w gives a schema of `config` that can't be used: /],
    [{ path: 'config', schema: { minimun: 1 } }, /unknown keyword: "minimun"/],
    [{ path: 'confg', schema }, /^the check of w gives a schema of `confg`, which the configuration does not have$/],
  ])('one that can not be used is a problem: %j', async (one, message) => {
    expect(await given([one], { config: {} })).toMatchObject([{ message: expect.stringMatching(message) }]);
  });
});

it('hands on how large the model is', async () => {
  const size = { parameters: 3, observations: 4, saved: 5 };
  const worker = checking(`console.log('{"problems": [], "size": ${JSON.stringify(size)}}')`);
  expect(await openChecks(root)(aTask({ worker: 'w' }), worker)).toEqual({ state: 'fine', size });
});

it('a worker without a check has nothing to say', async () => {
  expect(await openChecks(root)(aTask({ worker: 'w' }), aWorker())).toEqual({ state: 'fine', size: null });
});

it('ideal-point is checked by a Python without packages, and writes nothing beside its code', async () => {
  const repository = join(import.meta.dirname, '../../..');
  vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const filter = (path: string) => !path.endsWith('__pycache__');
  const needed = ['worker.json', 'config.schema.json', 'src'].map((name) => `ideal-point/${name}`);
  for (const path of [...needed, 'kits/python/nx_study_worker', 'kits/python/nx_study_posterior'])
    cpSync(join(repository, 'workers', path), join(root, 'workers', path), { recursive: true, filter });
  const worker = await readWorker(root, 'ideal-point');
  const votes = join(root, 'votes.csv');
  const legislators = join(repository, 'studies/data/simulated/legislators.csv');
  const good = readFileSync(join(repository, 'studies/data/simulated/votes.csv'), 'utf8');
  writeFileSync(votes, good);
  const configuration = { votes, legislators, model: 'hierarchical', polarity: 'party' };
  expect(await runCheck(root, worker, configuration)).toEqual({
    ...fine,
    size: {
      parameters: 30 + 2 * 40 + 4,
      observations: expect.any(Number),
      saved: 2 * 30 + 2 * 40 + 4,
      statistics_bytes: 131,
      data_bytes: expect.any(Number),
      data_memory_bytes: expect.any(Number),
      scalars: 0,
      by_draw: expect.any(Number),
      summary_bytes: expect.any(Number),
    },
  });
  writeFileSync(votes, good.replace(/\n1002,[01]?,/, '\n1002,6,'));
  expect(await runCheck(root, worker, configuration)).toMatchObject({
    state: 'answered',
    problems: [{ path: 'votes', file: 'votes.csv', line: 3, column: 'sim-001', value: '6' }],
  });
  const files = readdirSync(join(root, 'workers'), { recursive: true });
  expect(files.filter((file) => String(file).includes('__pycache__'))).toEqual([]);
});
