import { expect, test } from 'vitest';
import { displayWidth } from '../../../../plugins/nx-study/src/base/layout.ts';
import { planOf, withRhat, workspaceOf } from './workspace.ts';

const polarity = {
  code: 'polarity',
  message: 'β is positive by its prior, but 61 % of the roll calls discriminate the other way; set polarity: party',
};

/** One measurement in each state, under a relaxed gate. */
async function everything() {
  const plan = planOf({ normal: {}, lognormal: {}, halfnormal: {}, huge: { expect: 'failed' }, late: {} }, 2, {
    gates: { ess_min: 100 },
    baseline: ['normal-1a2b3c4d'],
    skipped: [
      { worker: 'ideal-point', written: {}, varied: { 'beta-prior': 'cauchy' }, reason: 'must be normal or lognormal' },
    ],
    merged: [{ id: 'late-1a2b3c4d', count: 2, also: [{ label: null, varied: { 'beta-prior': 'tardy' } }] }],
    excluded: 3,
  });
  const workspace = await workspaceOf(plan);
  const { write } = workspace;
  await write({ id: 'normal-1a2b3c4d' });
  await write({ id: 'normal-1a2b3c4d', take: 2 });
  await write({ id: 'normal-1a2b3c4d-r2', record: { machine: { cpu: 'Other CPU' } } });
  await write({ id: 'lognormal-1a2b3c4d', derived: withRhat(1.01002) });
  await write({ id: 'lognormal-1a2b3c4d-r2', derived: withRhat(null), record: { findings: [polarity] } });
  const changed = 'votes.csv changed while it was measured';
  await write({ id: 'halfnormal-1a2b3c4d', failure: { type: 'changed-during-run', message: changed } });
  await write({ id: 'halfnormal-1a2b3c4d-r2', failure: { type: 'interrupted', message: 'stopped by SIGINT' } });
  await write({ id: 'huge-1a2b3c4d', failure: { type: 'oom', message: 'unable to allocate 40 GiB' } });
  await write({ id: 'huge-1a2b3c4d-r2', code: 'older', failure: { type: 'timeout' } });
  await write({ id: 'late-1a2b3c4d', code: 'older' });
  await write({ id: 'gone-1a2b3c4d' });
  return workspace;
}

test.each([80, 140])('everything that can be, at %i columns', async (columns) => {
  const { render } = await everything();
  await expect(`${await render(columns)}\n`).toMatchFileSnapshot(`snapshots/everything-${columns}.txt`);
});

test('the three priors, passed', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {}, lognormal: {}, halfnormal: {} }));
  for (const id of ['normal-1a2b3c4d', 'lognormal-1a2b3c4d', 'halfnormal-1a2b3c4d']) await write({ id });
  await expect(`${await render(80)}\n`).toMatchFileSnapshot('snapshots/passed-80.txt');
  await expect(`${await render(140)}\n`).toMatchFileSnapshot('snapshots/passed-140.txt');
});

test('nothing measured: how to measure', async () => {
  const { render } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  expect(await render(80)).toMatchInlineSnapshot(`
    "senate-beta-prior: Does a positive discrimination prior change senators’ ideal
    points?

    Nothing is measured yet: 2 measurements pending.
    Measure: nx run senate-beta-prior:measure
    See it before: nx run senate-beta-prior:plan"
  `);
});

test.each([50, 60, 80, 100, 120, 140, 160, 180, 200, 240])(
  'at %i columns no line is longer, but for a path',
  async (columns) => {
    const { render } = await everything();
    const lines = (await render(columns)).split('\n').filter((line) => !line.trim().startsWith('results/'));
    expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
  },
);

test('the type of a failure is whole, however narrow', async () => {
  const { render } = await everything();
  const table = (await render(30)).split('* baseline')[0]!;
  for (const text of ['changed-during-run', 'oom', 'interrupted', 'PASS', 'FAIL', 'RELAXED', 'measured'])
    expect(table).toContain(text);
});

test('says which columns found no room', async () => {
  const { render } = await everything();
  expect(await render(80)).toMatch(/For lack of room without: .*RSS peak/s);
  expect(await render(240)).not.toContain('For lack of room');
});

test('a long name is cut in its middle', async () => {
  const label = `${'a'.repeat(40)}-${'z'.repeat(19)}`;
  const { write, render } = await workspaceOf(planOf({ [label]: {} }));
  await write({ id: `${label}-1a2b3c4d` });
  expect(await render(60)).toMatch(/^a{5,}…a*-?z{5,} +measured +.*PASS$/m);
  expect(await render(240)).toContain(`${label}-1a2b3c4d`);
});

test('labels that do not tell measurements apart give way to ids', async () => {
  const plan = planOf({ normal: { label: 'same' }, lognormal: { label: 'same' } });
  const { write, render } = await workspaceOf(plan);
  await write({ id: 'normal-1a2b3c4d' });
  expect(await render(80)).toMatch(/^normal-1a2b3c4d +measured/m);
});

test('colours only where asked for', async () => {
  const { render } = await everything();
  const escape = String.fromCodePoint(27);
  expect(await render(120)).not.toContain(escape);
  const colored = await render(120, true);
  expect(colored).toContain(`${escape}[32mPASS`);
  expect(colored.replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '')).toBe(await render(120));
});

test("texts of workers can't steer the terminal", async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {} }));
  const message = `\u{1B}[2J\u{1B}]0;owned\u{7}first\r\nsecond`;
  await write({ id: 'normal-1a2b3c4d', failure: { message } });
  const text = await render(80);
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u{0}-\u{9}\u{B}-\u{1F}]/u);
  expect(text).toContain('first second');
});

test('a number beside its threshold has the digits that show the side', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id: 'normal-1a2b3c4d', derived: withRhat(1.009_96) });
  await write({ id: 'lognormal-1a2b3c4d', derived: withRhat(1.01) });
  const text = await render(80);
  expect(text).toMatch(/^normal .* 1\.00996 .*PASS$/m);
  expect(text).toMatch(/^lognormal .* !1\.010 .*FAIL$/m);
});

test('values of a home-made worker: units in the head, no gates', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  const reasons = { energy_j: 'no counter' };
  await write({
    id: 'normal-1a2b3c4d',
    kind: 'values',
    payload: { load_ms: 12.345, energy_j: null, rss_bytes: 2_500_000_000, reasons },
  });
  await write({
    id: 'lognormal-1a2b3c4d',
    kind: 'values',
    payload: { load_ms: 8, energy_j: 3, rss_bytes: 900_000_000 },
  });
  expect(await render(80)).toMatchInlineSnapshot(`
    "senate-beta-prior: Does a positive discrimination prior change senators’ ideal
    points?
    2 measurements: 2 measured

    The study names no baseline, so nothing is compared: add \`report: {baseline: …}\`
      to study.yaml.

    measurement         beta-prior  state      load  energy     rss  elapsed
                                                 ms       J      GB        s
    ────────────────────────────────────────────────────────────────────────
    normal-1a2b3c4d     normal      measured  12.35       —   2.500    36.25
    lognormal-1a2b3c4d  lognormal   measured      8       3  0.9000    36.25

    Without a value:
      energy_j: no counter (normal-1a2b3c4d)"
  `);
});

test('long names of metrics and axes leave the table in its width', async () => {
  const varied = { ['axis'.repeat(100)]: 1 };
  const { write, render } = await workspaceOf(planOf({ normal: { varied } }));
  const payload = { [`${'a'.repeat(115)}_s`]: 1, ['✅'.repeat(60)]: 2 };
  await write({ id: 'normal-1a2b3c4d', kind: 'values', payload });
  for (const columns of [40, 80, 200]) {
    const table = (await render(columns)).split('\n').filter((line) => !line.startsWith('  '));
    expect(table.filter((line) => displayWidth(line) > columns)).toEqual([]);
  }
  expect(await render(300)).toMatch(/a{20}…a{19}/);
});
