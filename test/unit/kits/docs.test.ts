import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseInterpreter, findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { refusalsOf } from '../../../plugins/nx-study/src/kinds/llm-inference/refuse.ts';
import { evaluateGates } from '../../../plugins/nx-study/src/kinds/gates.ts';
import { gates } from '../../../plugins/nx-study/src/kinds/posterior/gates.ts';
import {
  derivedSchema as posteriorDerived,
  payloadSchema as posteriorPayload,
} from '../../../plugins/nx-study/src/kinds/posterior/schema.ts';
import { filesOf, readPage } from '../../helpers/docs.ts';
import { problemsOf } from '../../helpers/schemas.ts';
import { derivedOf, partOf, resultOf } from '../kinds/evidence.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { kits, makeWorker, nodeCommand, perform, quick, request } from './workers.ts';
import type { Finished } from './workers.ts';
import { payloadSchema } from '../../../plugins/nx-study/src/kinds/llm-inference/payload.ts';

const engines = filesOf('docs/llm-inference.md');
const python = engines.get('workers/bigrams-python/src/measure.py')!;
const typeScript = engines.get('workers/bigrams-node/src/measure.ts')!;

const phases = ['importing', 'loading', 'first-call', 'warming-up', 'measuring', 'memory', 'teardown'];
const configuration = quick();
const asked = request({ configuration });

function expectMeasured({ code, stderr, result, phases: seen }: Finished): void {
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(result?.kind).toBe('llm-inference');
  const payload = payloadSchema.parse(result?.payload);
  expect(refusalsOf(payload)).toEqual([]);
  expect(payload.engine).toMatchObject({ name: 'bigrams' });
  expect(payload.model).toMatchObject({ name: 'README.md', file_bytes: statSync(configuration.model).size });
  expect(payload.workloads).toMatchObject([{ mode: 'offline', batch_size: 2, stopped_by: 'enough' }]);
  expect(seen).toEqual(phases);
}

it('the worker in Python', async () => {
  const found = await findInterpreters(temporaryFolder());
  const { path } = chooseInterpreter('bigrams', '>=3.11', found);
  const { worker, directory } = makeWorker('measure.py', python);
  expectMeasured(perform([path, worker, directory], directory, asked, { PYTHONPATH: join(kits, 'python') }));
});

it('the worker in TypeScript', () => {
  const { worker, directory } = makeWorker('measure.ts', typeScript);
  expectMeasured(perform(nodeCommand(worker, directory), directory, asked));
});

it.each([
  ['Python', python],
  ['TypeScript', typeScript],
])('the worker in %s has less than 30 lines', (_, source) => {
  expect(source.trimEnd().split('\n').length).toBeLessThan(30);
});

const posterior = readPage('docs/posterior.md');
const coinFiles = filesOf('docs/posterior.md');
const measurePy = coinFiles.get('workers/coin/src/measure.py');
const derivePy = coinFiles.get('workers/coin/src/derive.py');

it('the worker of a posterior measures and derives what its kind reads, near the truth', async () => {
  const found = await findInterpreters(temporaryFolder());
  const { path } = chooseInterpreter('coin', '>=3.11', found);
  const env = { PYTHONPATH: join(kits, 'python') };
  const { worker, directory } = makeWorker('measure.py', measurePy!);
  const coin = request({ configuration: { heads: 60, tails: 40, draws: 1000 } });
  const measured = perform([path, worker, directory], directory, coin, env);
  expect(measured).toMatchObject({
    code: 0,
    stderr: '',
    result: { kind: 'posterior', files: [{ path: 'draws.json' }] },
  });

  const derive = join(dirname(worker), 'derive.py');
  writeFileSync(derive, derivePy!);
  const out = join(directory, 'derived.json');
  execFileSync(path, [derive, directory, out], { env: { ...process.env, ...env } });
  const written = JSON.parse(readFileSync(out, 'utf8')) as object;
  expect(problemsOf('posterior.payload', measured.result!.payload)).toEqual([]);
  expect(problemsOf('posterior.derived', written)).toEqual([]);
  const derived = derivedOf(written);
  const result = resultOf('posterior', measured.result!.payload as object);
  const { metrics } = partOf('posterior', { result, derived });
  const valueOf = (name: string) => metrics.find((metric) => metric.name === name)!.value!;
  expect(evaluateGates(gates, metrics, {}).map(({ verdict }) => verdict)).toEqual(['PASS', 'PASS', 'PASS', 'PASS']);
  expect(valueOf('divergences')).toBe(0);
  expect(valueOf('draws_kept')).toBe(4000);

  // The posterior of the probability is Beta(61, 41).
  const chains = JSON.parse(readFileSync(join(directory, 'draws.json'), 'utf8')) as { draws: number[] }[];
  const draws = chains.flatMap((chain) => chain.draws.map((logOdds) => 1 / (1 + Math.exp(-logOdds))));
  const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
  const standardError = Math.sqrt((61 * 41) / (102 ** 2 * 103) / valueOf('ess_bulk_min'));
  expect(Math.abs(mean - 61 / 102)).toBeLessThan(6 * standardError);
  const answer = metrics.find(({ name }) => name === 'heads')!;
  expect(answer).toMatchObject({ label: 'P(heads)', main: true, value: expect.closeTo(mean, 9) });
  expect(answer.posterior!.mcse! / standardError).toBeGreaterThan(0.5);
  expect(answer.posterior!.mcse! / standardError).toBeLessThan(2);
});

it('the tables of a posterior name every key of its schemas', () => {
  const named = new Set([...posterior.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
  const keys = [posteriorPayload, posteriorDerived].flatMap(({ shape }) => Object.keys(shape));
  const sampler = Object.keys(posteriorPayload.shape.sampler.shape);
  const variable = Object.keys(posteriorDerived.shape.variables.valueType.shape);
  const timings = Object.keys(posteriorPayload.shape.timings.shape);
  expect([...keys, ...sampler, ...variable, ...timings].filter((key) => !named.has(key))).toEqual([]);
});
