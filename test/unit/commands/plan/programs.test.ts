import { expect, it } from 'vitest';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import type { Plan } from '../../../../plugins/nx-study/src/plan/types.ts';
import { programsOf, programsText } from '../../../../plugins/nx-study/src/commands/plan/programs.ts';
import { aWorker } from '../../worker/manifest.ts';

const planOf = (...configurations: JsonObject[]) =>
  ({ experiments: configurations.map((configuration) => ({ worker: 'w', configuration })) }) as unknown as Plan;

const worker = aWorker({
  commands: { measure: ['{node}', '{worker}/a b.mjs', '{run}'], derive: ['sh', '{worker}/derive.sh', '{out}'] },
  check: { command: ['{node}', '{worker}/check.mjs'], settings: ['url'] },
  passEnvironment: ['CUDA_VISIBLE_DEVICES'],
  secrets: ['api_key_env', 'header_env'],
});
const textOf = (...configurations: JsonObject[]) =>
  programsText(programsOf(planOf(...configurations), new Map([['w', worker]])));

it('says once what a study runs, starts, names and passes on', () => {
  const first = {
    url: 'https://one.example/v1',
    api_key_env: 'ONE_KEY',
    header_env: { 'api-key': 'TWO_KEY', other: 'CUDA_VISIBLE_DEVICES' },
    server: { command: ['serve', '--port', '{port}', 'a; b'], ready: { path: '/health' } },
  };
  const second = { url: 'https://two.example/v1', api_key_env: null, mirrors: ['wss://three.example'], server: null };
  expect(textOf(first, second, first)).toEqual([
    'w runs: {node} "{worker}/a b.mjs" {run}',
    'w runs: sh {worker}/derive.sh {out}',
    'w runs, for plan as well: {node} {worker}/check.mjs',
    'w starts for the study: serve --port {port} "a; b"',
    'w is given the address: https://one.example/v1',
    'w is given the address: https://two.example/v1',
    'w is given the address: wss://three.example',
    'w gets of your environment: CUDA_VISIBLE_DEVICES (named by the study), ONE_KEY (named by the study), TWO_KEY (named by the study)',
  ]);
});

it('never prints the value of a variable, nor a control character', () => {
  process.env['PROGRAMS_TEST_KEY'] = 'very secret';
  const text = textOf({ api_key_env: 'PROGRAMS_TEST_KEY', url: 'http://a.example/\u001b[31m' }).join('\n');
  expect(text).toContain('PROGRAMS_TEST_KEY');
  expect(text).not.toContain('very secret');
  expect(text).not.toContain('\u001b');
});

it('counts what is too much for a terminal', () => {
  const many = Array.from({ length: 20 }, (_, index) => ({ url: `http://${index}.example` }));
  expect(textOf(...many).filter((line) => line.includes('address'))).toHaveLength(8);
  expect(textOf(...many)).toContain('  … and 12 more of these, with --json');
});
