import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { payload } from '../kinds/evidence.ts';
import { planOf, withRhat, workspaceOf } from '../commands/report/workspace.ts';

const id = 'normal-1a2b3c4d';
const plan = planOf({ normal: {} });

test('nothing on disk: pending, without numbers', async () => {
  const { results } = await workspaceOf(plan);
  const [row] = (await results()).rows;
  expect(row).toMatchObject({ id, state: 'pending', stored: null, attempts: 0, metrics: [], gates: [], verdict: null });
});

test('one row for every measurement, in the order of the plan', async () => {
  const three = planOf({ normal: {}, lognormal: {}, halfnormal: {} }, 2);
  const { write, results } = await workspaceOf(three);
  await write({ id: 'halfnormal-1a2b3c4d' });
  await write({ id: 'normal-1a2b3c4d-r2' });
  const { rows } = await results();
  expect(rows.map((row) => `${row.id} ${row.state}`)).toEqual([
    'normal-1a2b3c4d pending',
    'lognormal-1a2b3c4d pending',
    'halfnormal-1a2b3c4d measured',
    'normal-1a2b3c4d-r2 measured',
    'lognormal-1a2b3c4d-r2 pending',
    'halfnormal-1a2b3c4d-r2 pending',
  ]);
});

test('measured: metrics, gates and verdict', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id });
  const [row] = (await results()).rows;
  expect(row).toMatchObject({
    state: 'measured',
    verdict: 'PASS',
    relaxed: false,
    failure: null,
    attempts: 1,
    findings: [],
  });
  expect(row?.metrics.find(({ name }) => name === 'rhat_max')?.value).toBe(1.0061);
});

test('a failed gate is a measured row with the verdict FAIL', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, derived: withRhat(1.02) });
  expect((await results()).rows[0]).toMatchObject({ state: 'measured', verdict: 'FAIL', relaxed: false });
});

test('thresholds are those of the study as it is now; a looser one is marked', async () => {
  const { write, results } = await workspaceOf({ ...plan, gates: { rhat_max: 1.05 } });
  await write({ id, derived: withRhat(1.02) });
  expect((await results()).rows[0]).toMatchObject({ verdict: 'PASS', relaxed: true });
});

test('failed: type and message, no numbers', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, failure: { type: 'oom', message: 'out of memory' }, record: { attempt: 1 } });
  const [row] = (await results()).rows;
  expect(row).toMatchObject({
    state: 'failed',
    failure: { type: 'oom', message: 'out of memory' },
    verdict: null,
    metrics: [],
  });
});

test('of several attempts the latest counts, and all are counted', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, failure: { type: 'oom' }, folder: '001', record: { started_at: '2026-03-01T10:00:00Z' } });
  await write({
    id,
    failure: { type: 'timeout' },
    folder: '002',
    record: { started_at: '2026-03-02T10:00:00Z', attempt: 2 },
  });
  expect((await results()).rows[0]).toMatchObject({ state: 'failed', failure: { type: 'timeout' }, attempts: 2 });
});

test('a result outweighs failures, whenever they were', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id });
  await write({ id, failure: {}, record: { started_at: '2027-01-01T00:00:00Z' } });
  expect((await results()).rows[0]).toMatchObject({ state: 'measured', failure: null, attempts: 2 });
});

test('a failure that the study expects', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: { expect: 'failed' } }));
  await write({ id, failure: { type: 'oom' } });
  expect((await results()).rows[0]).toMatchObject({ state: 'expected-failure', failure: { type: 'oom' } });
});

test('a failure of the surroundings is never the expected one', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: { expect: 'failed' } }));
  await write({ id, failure: { type: 'environment' } });
  expect((await results()).rows[0]?.state).toBe('failed');
});

test('a success where the study expects a failure is flagged', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: { expect: 'failed' } }));
  await write({ id });
  const [row] = (await results()).rows;
  expect(row).toMatchObject({ state: 'measured', findings: [{ code: 'unexpected-success' }] });
});

test('interrupted: stopped, or left behind by a killed supervisor', async () => {
  const stopped = await workspaceOf(plan);
  await stopped.write({ id, failure: { type: 'interrupted', message: 'stopped by SIGINT' } });
  expect((await stopped.results()).rows[0]?.state).toBe('interrupted');
  const killed = await workspaceOf(plan);
  const running = { outcome: 'running', ended_at: null, elapsed_s: null } as const;
  await killed.write({ id, folder: '0123456789ab.host-boot-1.partial', record: running });
  expect((await killed.results()).rows[0]).toMatchObject({ state: 'interrupted', failure: null });
});

test('running, as long as its supervisor lives', async () => {
  const { write, results } = await workspaceOf(plan);
  const supervisor = { host: 'bench', pid: process.pid, boot: 'b', start_time: null };
  await write({
    id,
    folder: '0123456789ab.host-boot-1.partial',
    record: { outcome: 'running', ended_at: null, supervisor },
  });
  expect((await results()).rows[0]).toMatchObject({ state: 'running', metrics: [] });
});

test('stale: there is only a record with another digest', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, code: 'older code' });
  const [row] = (await results()).rows;
  expect(row).toMatchObject({ state: 'stale', verdict: 'PASS', attempts: 0, earlier: { takes: 0, versions: 0 } });
});

test('a failure with another digest leaves the row pending, and is remembered', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, code: 'older code', failure: { type: 'changed-during-run' } });
  expect((await results()).rows[0]).toMatchObject({
    state: 'pending',
    stored: null,
    failure: null,
    earlier: { failure: 'changed-during-run' },
  });
});

test('an older result is not shown once the new one failed', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, code: 'older code' });
  await write({ id, failure: {} });
  expect((await results()).rows[0]).toMatchObject({ state: 'failed', metrics: [], earlier: { versions: 1 } });
});

test('the current take is shown, earlier takes and other versions are counted', async () => {
  const { write, results, digests, digest } = await workspaceOf(plan);
  await write({ id, take: 1 });
  await write({ id, take: 2 });
  await write({ id, take: 3 });
  await write({ id, code: 'older code' });
  digests.set(id, await digest({ id, take: 3 }));
  const [row] = (await results()).rows;
  expect(row).toMatchObject({ state: 'measured', stored: { record: { take: 3 } }, earlier: { takes: 2, versions: 1 } });
});

test('before a new take is measured, the latest one is shown as stale', async () => {
  const { write, results, digests, digest } = await workspaceOf(plan);
  await write({ id, take: 2 });
  await write({ id, take: 1, record: { started_at: '2027-01-01T00:00:00Z' } });
  digests.set(id, await digest({ id, take: 3 }));
  expect((await results()).rows[0]).toMatchObject({
    state: 'stale',
    stored: { record: { take: 2 } },
    earlier: { takes: 1 },
  });
});

test('a result that was put aside as damaged counts no more', async () => {
  const { write, results, digests } = await workspaceOf(plan);
  await write({ id, folder: `${digests.get(id)?.slice(0, 12)}.copy` });
  expect((await results()).rows[0]?.state).toBe('pending');
});

test('a torn record is none, but something lies there', async () => {
  const { write, results } = await workspaceOf(plan);
  const directory = await write({ id });
  await writeFile(`${directory}/record.json`, '{"record": 1,');
  expect((await results()).rows[0]?.state).toBe('damaged');
});

test('findings of the record and warnings of the payload appear once', async () => {
  const { write, results } = await workspaceOf(plan);
  const polarity = { code: 'polarity', message: '61 %' };
  const late = { code: 'slow-teardown', message: 'late' };
  await write({ id, record: { findings: [polarity, late] }, payload: { ...payload, warnings: [polarity] } });
  expect((await results()).rows[0]?.findings).toEqual([polarity, late]);
});

test('a result without diagnostics fails every gate, and says why', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, derived: null });
  const [row] = (await results()).rows;
  expect(row).toMatchObject({ verdict: 'FAIL', findings: [{ code: 'not-derived' }] });
  expect(row?.gates.map(({ reason }) => reason)).toEqual(
    Array(4).fill('not derived: there is no readable derived.json'),
  );
});

test('a kind that this version does not know has no numbers, but a row', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, kind: 'poems', payload: {} });
  expect((await results()).rows[0]).toMatchObject({
    state: 'measured',
    metrics: [],
    verdict: null,
    findings: [{ code: 'unknown-kind' }],
  });
});

test('a foreign result is flagged', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id, kind: 'values', payload: { load_s: 'long' } });
  expect((await results()).rows[0]?.findings).toMatchObject([{ code: 'unreadable-result' }]);
});

test('records outside of the plan are counted', async () => {
  const { write, results } = await workspaceOf(plan);
  await write({ id: 'gone-1a2b3c4d' });
  await write({ id: 'gone-1a2b3c4d', failure: {} });
  await write({ id: 'gone-too-1a2b3c4d' });
  expect((await results()).unplanned).toEqual({ measurements: 2, attempts: 3 });
});

test('baseline experiments are marked', async () => {
  const { results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }, 2, { baseline: [id] }));
  expect((await results()).rows.map(({ baseline }) => baseline)).toEqual([true, false, true, false]);
});

test('why nothing could be derived is said once, whatever lacks its value', async () => {
  const { write, render } = await workspaceOf(plan);
  const directory = await write({ id });
  const message = "what it wrote can't be used: `variables.beta.rhat_max`: NaN is no JSON; write null";
  const derived = { deriving: '1', derived_at: '2026-03-01T10:00:00Z', outcome: 'failed', payload: null, message };
  await writeFile(`${directory}/derived.json`, JSON.stringify(derived));
  const text = (await render(1000)).replaceAll(/\s+/g, ' ');
  expect(text.split('NaN is no JSON')).toHaveLength(2);
  expect(text).toContain(`${id}: rhat_max, ess_min, divergences_max, ebfmi_min: no value (see the flag not-derived)`);
  expect(text).toContain(`not-derived: ${message}`);
});

test('a reason of any length takes no more than some lines', async () => {
  const { write, render } = await workspaceOf(plan);
  const reasons = { load_s: `begin ${'x '.repeat(100_000)}end` };
  await write({ id, kind: 'values', payload: { load_s: null, reasons } });
  const text = await render(80);
  expect(text).toContain('load_s: begin');
  expect(text.length).toBeLessThan(3000);
});
