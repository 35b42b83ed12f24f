import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseInterpreter, findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { refusalsOf } from '../../../plugins/nx-study/src/kinds/llm-inference/refuse.ts';
import { payloadSchema } from '../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { kits, makeWorker, nodeCommand, perform, quick, readme, request } from './workers.ts';
import type { Finished } from './workers.ts';

const section = readme.split('\n## The kits\n')[1]!.split('\n## ')[0]!;
const example = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)![1]!;

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
  const { worker, directory } = makeWorker('measure.py', example('python'));
  expectMeasured(perform([path, worker, directory], directory, asked, { PYTHONPATH: join(kits, 'python') }));
});

it('the worker in TypeScript', () => {
  const { worker, directory } = makeWorker('measure.ts', example('ts'));
  expectMeasured(perform(nodeCommand(worker, directory), directory, asked));
});

it.each(['python', 'ts'])('the worker in %s has less than 30 lines', (language) => {
  expect(example(language).trimEnd().split('\n').length).toBeLessThan(30);
});
