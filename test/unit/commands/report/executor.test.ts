import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import runQuery from '../../../../plugins/nx-study/src/commands/query/executor.ts';
import report from '../../../../plugins/nx-study/src/commands/report/executor.ts';

const worker = {
  protocol: 1,
  kind: 'values',
  description: 'Says a number',
  commands: { measure: ['true'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['*.sh'],
};
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: { size: { type: 'integer', default: 1 } },
};

async function workspaceWith(study: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-report-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const files = {
    'workers/tiny/worker.json': JSON.stringify(worker),
    'workers/tiny/config.schema.json': JSON.stringify(schema),
    'workers/tiny/measure.sh': 'exit 0\n',
    'studies/sizes/study.yaml': study,
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const capture = (method: 'log' | 'error') => {
  const spy = vi.spyOn(console, method).mockReturnValue();
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.flat().join('\n');
};

test('before anything is measured it says how to measure, and writes the plan as CSV', async () => {
  const root = await workspaceWith('worker: tiny\nsweep: {size: [1, 2]}\n');
  const output = capture('log');
  expect(await report({ study: 'sizes', width: 80 }, { root })).toEqual({ success: true });
  expect(output()).toContain('Nothing is measured yet: 2 measurements pending.');
  expect(output()).toContain('nx run sizes:measure');
  const csv = await readFile(join(root, 'results/sizes/report/measurements.csv'), 'utf8');
  expect(csv.match(/,pending,/g)).toHaveLength(2);
  const page = await readFile(join(root, 'results/sizes/report/index.html'), 'utf8');
  expect(page).toContain('Nothing is measured yet.');
  const index = await readFile(join(root, 'results/index.html'), 'utf8');
  expect(index).toContain('<a href="sizes/report/index.html">sizes</a>');
});

test('--llmd names what it leaves out', async () => {
  const root = await workspaceWith('worker: tiny\nsweep: {size: [1, 2]}\n');
  const output = capture('log');
  expect(await report({ study: 'sizes', width: 80, llmd: true, bundle: true }, { root })).toEqual({ success: true });
  expect(output()).toContain('llm-d Benchmark Reports: none');
  expect(output()).toMatch(/Left out of them: 2 pending \(\S+, \S+\)/);
});

test('--observations and a query of them write their table; it is on the page, and renewed from then on', async () => {
  const root = await workspaceWith('worker: tiny\nsweep: {size: [1, 2]}\n');
  const output = capture('log');
  const folder = join(root, 'results/sizes/report');
  const page = () => readFile(join(folder, 'index.html'), 'utf8');
  await report({ study: 'sizes', width: 80 }, { root });
  expect(await readdir(folder)).not.toContain('observations.parquet');
  expect(await page()).not.toContain('observations.parquet');
  const query = async (sql: string) => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => written.mockRestore());
    expect(await runQuery({ study: 'sizes', sql, format: 'csv' }, { root })).toEqual({ success: true });
    return [output(), ...written.mock.calls.flat()].join('\n');
  };
  expect(await query('select count(*) + 41 as number from all_observations')).toMatch(/number\r?\n41/);
  await rm(join(folder, 'observations.parquet'));
  expect(await report({ study: 'sizes', width: 80, observations: true }, { root })).toEqual({ success: true });
  expect(output()).toContain('Each observation, left out: results/sizes/report/observations.parquet');
  expect(await page()).toContain('observations.parquet');
});

test('a study that can’t be read fails with its message, and without a stack trace', async () => {
  const root = await workspaceWith('worker: tiny\nsweeep: {}\n');
  const errors = capture('error');
  expect(await report({ study: 'sizes' }, { root })).toEqual({ success: false });
  expect(errors()).toContain('sweeep');
  expect(errors()).not.toMatch(/^\s+at /m);
});
