import { expect, test } from 'vitest';
import { chooseExperiment } from '../../../../plugins/nx-study/src/commands/promote/chosen.ts';
import type { Row } from '../../../../plugins/nx-study/src/state/rows.ts';

const row = (label: string, changes: Partial<Row> = {}): Row =>
  ({
    id: `${label}-00000000`,
    experiment: `${label}-00000000`,
    label,
    part: { name: null, index: 0, of: 1 },
    state: 'measured',
    findings: [],
    gates: [],
    verdict: 'PASS',
    ...changes,
  }) as unknown as Row;
const failing = {
  name: 'rhat_max',
  metric: 'rhat',
  passes: 'below',
  threshold: 1.01,
  value: 1.2,
  counted: null,
  verdict: 'FAIL',
} as unknown as Row['gates'][number];

const rows = [
  row('wide'),
  row('wide', { id: 'wide-00000000-r2' }),
  row('wider'),
  row('old', { state: 'stale' }),
  row('later', { state: 'pending', verdict: null }),
  row('broken', { state: 'failed', verdict: null }),
  row('bad'),
  row('bad', { id: 'bad-00000000-r2', verdict: 'FAIL', gates: [failing] }),
  row('unknown', { verdict: null, findings: [{ code: 'unknown-kind', message: 'its kind is not known' }] }),
];
const choose = (measurement: string, despite: string | null = null) =>
  chooseExperiment('letters', rows, { measurement, despite });
const ids = (measurement: string) => choose(measurement).rows.map(({ id }) => id);

test('a label, an id and its beginning mean the experiment with all of its repetitions', () => {
  const all = ['wide-00000000', 'wide-00000000-r2'];
  for (const name of ['wide', 'wide-00000000', 'wide-00000000-r2', 'wide-0']) expect(ids(name)).toEqual(all);
});

test.each([
  ['', 'nx run letters:promote --measurement=<id, the beginning of an id, or a label>. There are: wide-00000000, '],
  ['wid', '"wid" begins the ids of 2 experiments, but only one can become the default: wide-00000000, wider-00000000.'],
  ['latter', 'No measurement is called "latter". Did you mean `later`?'],
  ['old', 'old-00000000 is not measured: its state is stale. Its numbers belong to other settings, data or code'],
  ['later', 'later-00000000 is not measured: its state is pending. Measure it: nx run letters:measure'],
  ['broken', 'broken-00000000 is not measured: its state is failed. `nx run letters:status` says why.'],
  ['bad', 'Gates of bad-00000000-r2 failed: rhat_max is 1.2, must be < 1.01.'],
  ['bad-00000000', 'Gates of bad-00000000-r2 failed'],
  ['unknown', 'No numbers of unknown-00000000 can be relied on: its kind is not known.'],
])('refused: %j', (name, message) => {
  expect(() => choose(name)).toThrow(message);
});

test('failed gates need a reason, and a reason needs failed gates', () => {
  expect(choose('bad', ' looked at ').despite).toBe('looked at');
  expect(() => choose('bad', ' ')).toThrow('--despite needs a reason');
  expect(() => choose('wide', 'whatever')).toThrow('--despite: no gate of wide failed');
  expect(choose('wide').despite).toBeNull();
});
