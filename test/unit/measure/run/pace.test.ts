import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openPace, batchLength } from '../../../../plugins/nx-study/src/measure/run/pace.ts';

it('lasts a hundred times as long as what lies between batches, within bounds', () => {
  expect(batchLength(50, 10)).toBe(10_000);
  expect(batchLength(400, 10)).toBe(40_000);
  expect(batchLength(900, 5000)).toBe(90_000);
  expect(batchLength(60_000, 10)).toBe(600_000);
  // Nothing is known of the first one: 0.3 s, and 0.12 ms for each task.
  expect(batchLength(null, 500)).toBe(36_000);
  expect(batchLength(null, 5000)).toBe(90_000);
});

it('knows what lay between the batches of one run of Nx, and of no other', async () => {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-pace-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const nx = { pid: 42, start_time: '7' };
  let now = 1000;
  const open = (tasks: number) => openPace(root, tasks, () => now);
  /** How long a batch lasts that begins to measure some time after the one before, ms. */
  const lengthOf = (pace: ReturnType<typeof open>) => {
    const begin = now;
    while (!pace.isOver()) now += 500;
    return now - begin;
  };

  const first = open(0);
  first.begin(nx);
  expect(lengthOf(first)).toBe(30_000);
  first.end();
  now += 100;
  const second = open(0);
  now += 400;
  second.begin(nx);
  expect(lengthOf(second)).toBe(50_000);
  second.end();
  now += 200;
  const other = open(0);
  other.begin({ pid: 42, start_time: '8' });
  expect(lengthOf(other)).toBe(30_000);
  const unknown = open(0);
  unknown.begin(null);
  expect(lengthOf(unknown)).toBe(30_000);
});

it('ends a batch that only derives, too', () => {
  let now = 0;
  // No folder can be made in a device; that costs nothing but a guess.
  const pace = openPace('/dev/null/workspace', 0, () => now);
  expect(pace.isOver()).toBe(false);
  now = 30_000;
  expect(pace.isOver()).toBe(true);
  expect(() => pace.end()).not.toThrow();
});
