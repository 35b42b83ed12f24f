import { expect, test } from 'vitest';
import { csvOf } from '../../../plugins/nx-study/src/tables/csv.ts';
import { flatten } from '../../../plugins/nx-study/src/tables/flatten.ts';
import { measurementsTable } from '../../../plugins/nx-study/src/tables/measurements.ts';
import { csvLines, parseCsv } from './csv.ts';
import { planOf, STUDY, withRhat, workspaceOf } from '../commands/report/workspace.ts';

const id = 'normal-1a2b3c4d';

test('one line for every measurement, with what it was and what came out', async () => {
  const { write, results, digests } = await workspaceOf(
    planOf({ normal: {}, lognormal: {}, halfnormal: {} }, 1, { baseline: [id], gates: { rhat_max: 1.05 } }),
  );
  await write({
    id,
    derived: withRhat(1.02),
    record: { findings: [{ code: 'polarity', message: '61 %, so recode' }] },
  });
  await write({ id: 'lognormal-1a2b3c4d', failure: { type: 'oom', message: 'no room, "sorry"\nreally' } });
  const [normal, lognormal, halfnormal] = csvLines(await results());
  expect(normal).toMatchObject({
    study: STUDY,
    id,
    experiment: id,
    label: 'normal',
    worker: 'ideal-point',
    kind: 'posterior',
    repetition: '1',
    seed: '4000',
    take: '1',
    baseline: 'true',
    state: 'measured',
    outcome: 'measured',
    attempts: '1',
    failure_type: '',
    verdict: 'PASS',
    gates: 'rhat_max < 1.05 PASS; ess_min > 400 PASS; divergences_max < 10 PASS; ebfmi_min > 0.3 PASS',
    relaxed: 'rhat_max (default 1.01)',
    findings: 'polarity: 61 %, so recode',
    started_at: '2026-03-01T10:00:00Z',
    elapsed_s: '36.25',
    digest: digests.get(id),
    git_commit: 'c0ffee',
    git_dirty: 'false',
    host: 'bench',
    cpu: 'Example CPU 3000',
    cpus: '2',
    reused_from: '',
    accepted: '',
    earlier_takes: '0',
    'varied.beta-prior': 'normal',
    'configuration.draws': '1000',
    'configuration.beta_prior.distribution': 'normal',
    rhat_max: '1.02',
    rss_peak_bytes: '431000000',
    'beta.rhat_max': '1.02',
  });
  expect(lognormal).toMatchObject({
    state: 'failed',
    outcome: 'failed',
    failure_type: 'oom',
    failure_phase: 'sampling',
    failure_message: 'no room, "sorry"\nreally',
    verdict: '',
    rhat_max: '',
    'configuration.beta_prior.distribution': 'lognormal',
  });
  expect(halfnormal).toMatchObject({
    state: 'pending',
    outcome: '',
    attempts: '0',
    digest: '',
    seed: '4000',
    rhat_max: '',
  });
});

test('lines end as RFC 4180 says, and every one has all columns', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id });
  const csv = csvOf(measurementsTable(await results()));
  const lines = csv.split('\r\n');
  expect(lines.at(-1)).toBe('');
  expect(new Set(lines.slice(0, -1).map((line) => line.split(',').length)).size).toBe(1);
});

test('a reason column is there for metrics without a value only', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id });
  await write({
    id: 'lognormal-1a2b3c4d',
    derived: { ...withRhat(null), reasons: { 'variables.beta.rhat_max': 'constant' } },
  });
  const [normal, lognormal] = csvLines(await results());
  expect(normal).toMatchObject({ rhat_max: '1.0061', rhat_max_reason: '' });
  expect(lognormal).toMatchObject({ rhat_max: '', rhat_max_reason: 'beta: constant' });
  expect(lognormal).not.toHaveProperty('ess_min_reason');
});

test('null is written, absent is empty, and other values are JSON', async () => {
  const configuration = { a: null, b: [1, 'x'], c: {}, d: false, e: 1e-7, f: { g: 'text', 'h.i': 2 } };
  const { results } = await workspaceOf(planOf({ normal: { configuration, varied: { 'x.y': null } }, lognormal: {} }));
  const [normal, lognormal] = csvLines(await results());
  expect(normal).toMatchObject({
    'varied.x.y': 'null',
    'configuration.a': 'null',
    'configuration.b': '[1,"x"]',
    'configuration.c': '{}',
    'configuration.d': 'false',
    'configuration.e': '1e-7',
    'configuration.f.g': 'text',
    [String.raw`configuration.f.h\.i`]: '2',
  });
  expect(lognormal).toMatchObject({ 'varied.x.y': '', 'configuration.a': '' });
});

test('a stale line has the settings that were measured', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {} }));
  await write({ id, code: 'older', record: { configuration: { draws: 500 } } });
  expect(csvLines(await results())[0]).toMatchObject({
    state: 'stale',
    'configuration.draws': '500',
    rhat_max: '1.0061',
  });
});

test('invalid configurations are lines with a reason', async () => {
  const skipped = [
    { worker: 'ideal-point', written: { draws: -1 }, varied: { draws: -1 }, reason: '`draws` must be at least 1' },
  ];
  const { results } = await workspaceOf(planOf({ normal: {} }, 1, { skipped }));
  expect(csvLines(await results())[1]).toMatchObject({
    id: '',
    state: 'invalid',
    failure_type: 'invalid',
    failure_message: '`draws` must be at least 1',
    'varied.draws': '-1',
    'configuration.draws': '-1',
  });
});

test('a metric that is named like another column keeps away from it', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {} }));
  await write({ id, kind: 'values', payload: { elapsed_s: 3, seed: 5 } });
  expect(csvLines(await results())[0]).toMatchObject({
    elapsed_s: '36.25',
    'metric.elapsed_s': '3',
    seed: '4000',
    'metric.seed': '5',
  });
});

test('no two metrics, nor a metric and a reason, share a column', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {} }));
  const payload = { a: null, a_reason: 2, 'metric.a': 3, failure_message: 4, reasons: { a: 'why' } };
  await write({ id, kind: 'values', payload });
  const csv = csvOf(measurementsTable(await results()));
  const header = csv.split('\r\n')[0]!.split(',');
  expect(header).toEqual([...new Set(header)]);
  const [line] = parseCsv(csv);
  expect(line).toMatchObject({ a: '', a_reason: 'why', 'metric.a_reason': '2', 'metric.metric.a': '3' });
  expect(line).toMatchObject({ failure_message: '', 'metric.failure_message': '4' });
});

test('names and texts of others break neither rows nor columns, and are no formulas', async () => {
  const varied = { 'axis\none': -1, '=axis': '=1+1' };
  const { write, results } = await workspaceOf(planOf({ normal: { varied } }));
  await write({
    id,
    kind: 'values',
    payload: { 'load,\n"s"': 1.5, '@x': -2 },
    record: { findings: [{ code: 'a', message: 'b\nc' }] },
  });
  expect(csvLines(await results())).toMatchObject([
    { 'varied.axis\none': '-1', 'varied.=axis': "'=1+1", 'load,\n"s"': '1.5', "'@x": '-2', findings: 'a: b\nc' },
  ]);
});

test('metrics whose names differ in what is written out only have a column each', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {} }));
  await write({ id, kind: 'values', payload: { 'a\u{1B}': 1, [String.raw`a\x1b`]: 2 } });
  const written = { [String.raw`a\x1b`]: '1', [String.raw`metric.a\x1b`]: '2' };
  expect(csvLines(await results())).toMatchObject([written]);
});

test('flattening keeps different leaves apart', () => {
  const leaves = flatten({ a: { b: 1 }, 'a.b': 2, 'a\\': { b: 3 } }, 'p');
  expect([...leaves]).toEqual([
    ['p.a.b', 1],
    [String.raw`p.a\.b`, 2],
    [String.raw`p.a\\.b`, 3],
  ]);
});
