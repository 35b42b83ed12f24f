import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coreTimeOf, ownPart } from '../../../../workers/endpoint/src/core-time.ts';

test('what a thread worked and waited for a core is read from the file of the kernel, again each time', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nx-study-core-time-')), 'schedstat');
  await writeFile(file, '2500000000 500000000 12\n');
  const read = coreTimeOf(file);
  expect(read()).toEqual({ worked_s: 2.5, waited_s: 0.5 });
  await writeFile(file, '2750000000 1500000000 13\n');
  expect(read()).toEqual({ worked_s: 2.75, waited_s: 1.5 });
});

test('where the system tells nothing of a thread, the CPU time of the process is its work', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nx-study-core-time-'));
  const silent = join(directory, 'silent');
  await writeFile(silent, '0 0 0\n');
  for (const file of [silent, join(directory, 'none')]) {
    const read = coreTimeOf(file);
    const before = process.cpuUsage();
    const { worked_s, waited_s } = read();
    expect(worked_s).toBeGreaterThanOrEqual((before.user + before.system) / 1e6);
    expect(waited_s).toBe(0);
  }
});

test('the own part of a delay is the share that the thread worked, and no more than it worked', () => {
  // A long calculation without others: all of it.
  expect(ownPart(0.15, { worked_s: 0.15, waited_s: 0 })).toBe(0.15);
  // Others had the core.
  expect(ownPart(0.01, { worked_s: 0.0005, waited_s: 0.0095 })).toBeCloseTo(0.0005, 9);
  // Half busy, and others had the core for as long.
  expect(ownPart(0.01, { worked_s: 0.015, waited_s: 0.015 })).toBeCloseTo(0.005, 9);
  // Stopped: it waited for no core.
  expect(ownPart(2, { worked_s: 0.001, waited_s: 0 })).toBe(0.001);
  expect(ownPart(0, { worked_s: 0, waited_s: 0 })).toBe(0);
});
