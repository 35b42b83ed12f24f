import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asExpected } from '../../../../plugins/nx-study/src/commands/doctor/diagnosis.ts';
import { diskItem } from '../../../../plugins/nx-study/src/commands/doctor/disk.ts';
import { fails, grouped, ok, warning } from '../../../../plugins/nx-study/src/commands/doctor/items.ts';
import {
  clockItem,
  energyItem,
  gitItem,
  loadItem,
  lockItem,
} from '../../../../plugins/nx-study/src/commands/doctor/machine.ts';
import { largestNeeds, planItems, saidOnce } from '../../../../plugins/nx-study/src/commands/doctor/plan-items.ts';
import { diagnosisText } from '../../../../plugins/nx-study/src/commands/doctor/text.ts';
import type { PreviewRow } from '../../../../plugins/nx-study/src/commands/plan/preview.ts';
import { acquireLock } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';
import { treeOf } from '../../../helpers/tree.ts';
import { aTask } from '../../measure/task.ts';

test('equal answers of several measurements are one, and those of one item stand together', () => {
  const built = ok('environment', 'ready');
  const answers = grouped([
    { id: 'a', items: [built, warning('model', 'm is to be fetched', 'wait')] },
    { id: 'b', items: [built] },
    { id: 'c', items: [fails('environment', 'no npm', null), warning('model', 'm is to be fetched', 'wait')] },
  ]);
  expect(answers.map(({ item, state, measurements }) => [item, state, measurements])).toEqual([
    ['environment', 'ok', ['a', 'b']],
    ['environment', 'fails', ['c']],
    ['model', 'warning', ['a', 'c']],
  ]);
});

const row = (changes: Partial<PreviewRow>) =>
  ({ id: 'a', next: 'measure', why: 'first time', memory: null, memory_unchecked: null, ...changes }) as PreviewRow;
const GB = 1e9;
const need = { estimate_bytes: 2 * GB, available_bytes: 4 * GB, gpus: 0, bound: 'memory', terms: [], omitted: [] };

test('what plan refuses fails, unless the study expects it; memory is told with both numbers', () => {
  const task = aTask({ study: 's' });
  const of = (changes: Partial<PreviewRow>, expected: 'failed' | null = null) =>
    planItems(
      row(changes),
      task,
      largestNeeds([row(changes), row({ memory: { ...need, estimate_bytes: 3 * GB } })]),
    ).map((item) => asExpected(item, { ...task, expect: expected }));
  expect(of({ next: 'refuse', why: 'needs 8 cores' })).toEqual([fails('platform', 'needs 8 cores', null)]);
  expect(of({ next: 'fail', why: 'no votes' })[0]).toMatchObject({
    item: 'input',
    state: 'fails',
    message: 'no votes',
  });
  expect(of({ next: 'final', why: 'oom' })[0]!.next).toContain('NX_STUDY_RETRY=1');
  expect(of({ next: 'too-large', why: 'needs 9 GB' }, 'failed')[0]).toMatchObject({ item: 'memory', state: 'ok' });
  expect(of({ memory: need })[0]!.message).toBe('fits: the largest needs at least 3.00 GB, and 4.00 GB are free');
  expect(of({ memory_unchecked: 'm is not fetched yet' })[0]).toMatchObject({ state: 'unknown' });
  expect(of({})).toEqual([]);
});

test('what a check says of wrong input is not said again by the doctor command of its worker', () => {
  const told = [fails('model', 'chats.csv, line 2: 3 fields', 'Correct it.'), fails('server', 'nobody is there', null)];
  const of = (next: PreviewRow['next'], why: string) => saidOnce({ next, why }, told).map(({ item }) => item);
  expect(of('fail', 'm.py: no build; chats.csv, line 2: 3 fields')).toEqual(['server']);
  expect(of('fail', 'm.py: no build')).toEqual(['model', 'server']);
  expect(of('measure', 'chats.csv, line 2: 3 fields')).toEqual(['model', 'server']);
});

test('room on the disk, also for a folder that does not exist yet', async () => {
  const of = (bytes: number | null, free: number) =>
    diskItem({ what: 'results', folder: '/nowhere/at/all', bytes }, async (folder) => (folder === '/' ? free : NaN));
  expect(await of(2 * GB, 3 * GB)).toMatchObject({ state: 'ok', message: expect.stringContaining('about 2.00 GB') });
  expect(await of(4 * GB, 3 * GB)).toMatchObject({ state: 'fails' });
  expect(await of(null, 0.5 * GB)).toMatchObject({ state: 'warning', message: expect.stringContaining('not known') });
});

test('the device lock: free, without a file and with one, or held by a study', async () => {
  const root = await treeOf({});
  const path = join(root, 'lock/device.lock');
  expect(await lockItem(path)).toMatchObject({ state: 'ok' });
  const label = await holderLabel({ study: 'night', measurement: 'one', workspace: root });
  const lock = await acquireLock(path, { label, forAllUsers: false });
  expect(await lockItem(path)).toMatchObject({
    state: 'warning',
    message: expect.stringContaining('night · one holds the device'),
  });
  lock.release();
  expect(await lockItem(path)).toMatchObject({ state: 'ok' });
});

test('other programs, against the limit of the study', () => {
  const load = { others_cores: 1.5, busiest: [{ pid: 7, name: 'cc1', cores: 1.4 }] } as Parameters<typeof loadItem>[0];
  expect(loadItem(load, 0.25)).toMatchObject({
    state: 'warning',
    message: expect.stringContaining('cc1 (pid 7, 1.40)'),
  });
  expect(loadItem(load, 2)).toMatchObject({ state: 'ok' });
  expect(loadItem(load, null)).toMatchObject({ state: 'ok' });
});

test('a clock behind the newest record, a tree with changes', async () => {
  const now = new Date('2026-03-01T10:00:00Z');
  const root = await treeOf({ synchronized: '' });
  const at = (synchronised: string, latest: string | null) => clockItem(now, { latest, synchronised }).state;
  expect(at(join(root, 'synchronized'), '2026-03-02T00:00:00Z')).toBe('warning');
  expect(at(join(root, 'synchronized'), '2026-02-01T00:00:00Z')).toBe('ok');
  expect(at(join(root, 'none'), null)).toBe('unknown');
  expect(gitItem({ commit: 'c0ffee', dirty: true, reason: null }).state).toBe('warning');
  expect(gitItem({ commit: 'c0ffee', dirty: false, reason: null }).state).toBe('ok');
  expect(gitItem({ commit: null, dirty: null, reason: 'no repository' }).message).toContain('no repository');
});

test('energy: no counters fail nothing; a RAPL zone without a counter is none', async () => {
  const root = await treeOf({});
  expect(energyItem(0, join(root, 'none'))).toMatchObject({ state: 'warning' });
  expect(energyItem(2, join(root, 'none'))).toMatchObject({
    state: 'ok',
    message: expect.stringContaining('2 NVIDIA'),
  });
  mkdirSync(join(root, 'powercap/intel-rapl:0'), { recursive: true });
  writeFileSync(join(root, 'powercap/intel-rapl:0/energy_uj'), '1');
  expect(energyItem(0, join(root, 'powercap'))).toMatchObject({ state: 'ok', message: '1 RAPL counters may be read' });
});

test('the table names whom an item is about, and ends with what will fail', () => {
  const text = diagnosisText(
    {
      study: 's',
      to_do: 2,
      done: 1,
      items: [
        { ...ok('environment', 'ready'), measurements: ['a', 'b'] },
        { ...fails('server', 'does not answer', 'Start it.'), measurements: ['b'] },
        { ...warning('git', 'changes', null), measurements: null },
      ],
    },
    100,
  );
  expect(text).toMatch(/^environment +ok +all +ready$/m);
  expect(text).toMatch(/^server +will fail +b +does not answer\n +→ Start it\.$/m);
  expect(text).toMatch(/^git +warning +machine +changes$/m);
  expect(text).toContain('1 item will fail, 1 warning, 0 not known here.');
  expect(diagnosisText({ study: 's', to_do: 0, done: 3, items: [] }, 100)).toBe(
    's: nothing is left to measure (3 done).',
  );
});
