import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { StudyError, loadStudy, readResults } from '../../../plugins/nx-study/src/api/index.ts';
import type { Column, Comparison, Observation, Sample } from '../../../plugins/nx-study/src/api/index.ts';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { comparisonsTable } from '../../../plugins/nx-study/src/comparisons/table.ts';
import { gather } from '../../../plugins/nx-study/src/state/gather.ts';
import { resultsOf } from '../../../plugins/nx-study/src/state/rows.ts';
import { OBSERVATIONS } from '../../../plugins/nx-study/src/tables/observations.ts';
import { SAMPLES } from '../../../plugins/nx-study/src/tables/samples.ts';
import { STUDY, studyOf } from '../record/workspace.ts';
import { csvLines } from '../tables/csv.ts';

/** Sizes 1 and 2 are measured, 3 failed, 4 has a result of earlier code, 5 is pending, 2000 is more than the worker takes. */
async function everyState() {
  const study = await studyOf([1, 2, 3, 4, 5, 2000]);
  await writeFile(join(study.root, 'nx.json'), '{}');
  await study.measured(1);
  await study.measured(2);
  await study.failed(3, 'oom');
  await study.stale(4);
  return study;
}

test('the plan has experiments, measurements in their order, and what the study leaves out', async () => {
  const { root, tasks } = await everyState();
  const study = await loadStudy(STUDY, { workspaceRoot: root });
  expect(study).toMatchObject({ name: STUDY, workspaceRoot: root, file: `studies/${STUDY}/study.yaml`, seed: 1 });
  expect(study.measurements.map(({ id, index }) => [id, index])).toEqual(tasks.map(({ id }, index) => [id, index]));
  expect(study.experiments.map(({ configuration, varied }) => [configuration, varied])).toEqual(
    [1, 2, 3, 4, 5].map((size) => [{ size }, { size }]),
  );
  expect(study.invalid).toMatchObject([{ worker: 'tiny', varied: { size: 2000 } }]);
});

test('a measurement has its state, its numbers with units, and its record; numbers of earlier code are no values', async () => {
  const { root, directoryOf } = await everyState();
  const { measurements, study } = await readResults(STUDY, { workspaceRoot: root });
  expect(measurements.map(({ state, values }) => [state, values['count']])).toEqual([
    ['measured', 1],
    ['measured', 2],
    ['failed', undefined],
    ['stale', undefined],
    ['pending', undefined],
  ]);
  const [first, , failed, stale, pending] = measurements;
  expect(first).toMatchObject({
    id: study.measurements[0]!.id,
    configuration: { size: 1 },
    directory: directoryOf(1),
    record: { outcome: 'measured', machine: { cpu: 'Example CPU 3000' } },
  });
  expect(first!.metrics.find(({ name }) => name === 'count')).toMatchObject({ value: 1, unit: '', reason: null });
  expect(failed!.record!.failure).toMatchObject({ type: 'oom', message: 'it was oom' });
  expect(stale!.metrics.find(({ name }) => name === 'count')!.value).toBe(4);
  expect(stale!.reason).toMatch(/code/);
  expect(pending).toMatchObject({ record: null, directory: null, metrics: [] });
});

test('its tables are those of the report', async () => {
  const { root } = await everyState();
  const read = await readResults(STUDY, { workspaceRoot: root });
  const results = resultsOf(await gather(root, STUDY));
  const { columns, rows } = read.table();
  const lines = csvLines(results);
  expect(rows).toHaveLength(6);
  for (const [index, row] of rows.entries())
    for (const { name } of columns) {
      const cell = row[name];
      const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell ?? '');
      expect([name, text]).toEqual([name, lines[index]![name]]);
    }
  const comparisons = comparisonsTable(STUDY, comparisonsOf(results));
  const repetitions = comparisons.columns.find(({ name }) => name === 'repetitions')!.cells;
  expect(read.comparisons().map((row) => row.repetitions)).toEqual(repetitions);
  expect(repetitions).toContain(1);
  expect(read.comparisons(['count']).every(({ metric }) => metric === 'count')).toBe(true);
});

test('the types of rows have the columns of their tables', async () => {
  const { root } = await everyState();
  const table = comparisonsTable(STUDY, comparisonsOf(resultsOf(await gather(root, STUDY))));
  expect(typesOf(table.columns)).toEqual(COMPARISON);
  expect(typesOf(SAMPLES.columns)).toEqual(SAMPLE);
  expect(typesOf(OBSERVATIONS.columns)).toEqual(OBSERVATION);
});

/** The types of columns, as TypeScript knows them. */
type Kind<T> = T extends string ? 'string' : T extends number ? 'number' : T extends boolean ? 'boolean' : 'object';
type Kinds<T> = { [K in keyof Required<T>]: Kind<NonNullable<T[K]>> };

const KINDS = {
  text: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  time: 'string',
  json: 'object',
};
const typesOf = (columns: readonly Column[]) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, KINDS[type]]));

const OF_MEASUREMENT = {
  study: 'string',
  id: 'string',
  experiment: 'string',
  label: 'string',
  repetition: 'number',
  state: 'string',
  host: 'string',
  machine: 'string',
} as const;

const OBSERVATION: Kinds<Observation> = {
  ...OF_MEASUREMENT,
  variable: 'string',
  observation: 'number',
  item: 'string',
  elpd: 'number',
  p_loo: 'number',
  pareto_k: 'number',
  ess: 'number',
  reliable: 'boolean',
  observed_sha256: 'string',
  reason: 'string',
};

const COMPARISON: Kinds<Comparison> = {
  study: 'string',
  metric: 'string',
  unit: 'string',
  scale: 'string',
  alternative: 'string',
  experiment: 'string',
  workload: 'string',
  host: 'string',
  repetitions: 'number',
  mean: 'number',
  median: 'number',
  sd: 'number',
  min: 'number',
  max: 'number',
  center: 'number',
  low: 'number',
  high: 'number',
  interval: 'string',
  outliers: 'number',
  baseline: 'string',
  estimate: 'number',
  estimate_low: 'number',
  estimate_high: 'number',
  estimate_interval: 'string',
  pairs: 'number',
  p: 'number',
  p_holm: 'number',
  conclusion: 'string',
  repetitions_needed: 'number',
  relevant: 'number',
  not_compared: 'string',
};

const SAMPLE: Kinds<Sample> = {
  ...OF_MEASUREMENT,
  workload: 'string',
  sample: 'string',
  index: 'number',
  item: 'string',
  attributes: 'object',
  status: 'string',
  quantity: 'string',
  unit: 'string',
  value: 'number',
};

test('reading writes nothing, neither here nor in another folder with results', async () => {
  const { root } = await everyState();
  await mkdir(join(root, 'elsewhere'));
  await rename(join(root, 'results'), join(root, 'elsewhere/results'));
  // What has just been written is too young to be remembered.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  onTestFinished(() => void vi.useRealTimers());
  const before = await contentsOf(root);
  const { measurements } = await readResults(STUDY, { workspaceRoot: root, from: ['elsewhere'] });
  expect(measurements.map(({ state }) => state)).toEqual(['pending', 'measured', 'measured', 'failed', 'stale']);
  expect(await contentsOf(root)).toEqual(before);
});

async function contentsOf(root: string): Promise<Map<string, string>> {
  const paths = (await readdir(root, { recursive: true })).toSorted();
  const entries = paths.map(async (path): Promise<[string, string]> => {
    const { mtimeMs } = await stat(join(root, path));
    return [path, `${mtimeMs} ${await readFile(join(root, path), 'utf8').catch(() => '')}`];
  });
  return new Map(await Promise.all(entries));
}

test('problems of a study are an error with each of them, and its line', async () => {
  const { root } = await everyState();
  await writeFile(join(root, `studies/${STUDY}/study.yaml`), 'worker: tiny\nbase:\n  sizes: 1\n  size: many\n');
  for (const read of [loadStudy, readResults]) {
    const error: unknown = await read(STUDY, { workspaceRoot: root }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StudyError);
    const { file, issues } = error as StudyError;
    expect(file).toBe(`studies/${STUDY}/study.yaml`);
    expect(issues.map(({ line, path }) => [line, path])).toEqual([
      [3, 'base.sizes'],
      [4, 'base.size'],
    ]);
  }
  await expect(loadStudy('none', { workspaceRoot: root })).rejects.toThrow(
    /studies\/none\/study\.yaml\n    the file doesn't exist/,
  );
});

test('a folder that is no workspace is refused, with its path', async () => {
  const { root } = await everyState();
  const workspaceRoot = join(root, 'studies');
  await expect(loadStudy(STUDY, { workspaceRoot })).rejects.toThrow(
    `${workspaceRoot} is no Nx workspace: it has no nx.json. Give the root as \`workspaceRoot\`.`,
  );
});

test("the plugin's folders are those of nx.json; wrong options are an error in place of a look elsewhere", async () => {
  const { root } = await everyState();
  const options = (results: string) =>
    writeFile(join(root, 'nx.json'), JSON.stringify({ plugins: [{ plugin: 'nx-study', options: { results } }] }));
  await rename(join(root, 'results'), join(root, 'measured'));
  await options('measured');
  const { measurements } = await readResults(STUDY, { workspaceRoot: root });
  expect(measurements.map(({ state }) => state)).toEqual(['measured', 'measured', 'failed', 'stale', 'pending']);
  await options('../measured');
  await expect(readResults(STUDY, { workspaceRoot: root })).rejects.toThrow(/results: this must be a folder/);
  await expect(loadStudy(STUDY, { workspaceRoot: root })).rejects.toThrow(/results: this must be a folder/);
});
