import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { followKills } from '../../../../plugins/nx-study/src/measure/limits/container-kills.ts';

/** A container whose counter, and that of the system, are as set; its group is gone where its counter is null. */
function followed({ startsAt = 1, isReadable = true } = {}) {
  const counted = { container: 0 as number | null, system: 40 };
  let asked = 0;
  const kills = followKills(
    {
      name: 'podman',
      find: async () => ((asked += 1) < startsAt ? null : { id: 'c'.repeat(64), pid: 17 }),
    },
    { ofProcess: () => (isReadable ? () => counted.container : null), ofSystem: () => counted.system },
  );
  const look = async () => {
    kills.look('token');
    await turn();
  };
  return { counted, kills, look, asked: () => asked };
}

test('a kill in a container is its own, also where it is gone since', async () => {
  const { counted, kills, look } = followed();
  await look();
  Object.assign(counted, { container: 1, system: 41 });
  await look();
  counted.container = null;
  kills.lookAgain();
  expect(kills.isKilled(41)).toBe(true);
});

test("another process's kill is none of a container that was looked at since", async () => {
  const { counted, kills, look } = followed();
  await look();
  counted.system = 41;
  await look();
  counted.container = null;
  kills.lookAgain();
  expect(kills.isKilled(41)).toBe(false);
  // One that came after the last look may have been its own.
  expect(kills.isKilled(42)).toBe('unsure');
});

test('of a container that was never found a kill in the system may be its own, and no kill is none', async () => {
  const { kills, look, asked } = followed({ startsAt: Infinity });
  for (let looks = 0; looks < 1000; looks += 1) await look();
  expect(asked()).toBe(60);
  expect(kills.isKilled(40)).toBe(false);
  expect(kills.isKilled(41)).toBe('unsure');
});

test('a container that starts late is found two seconds later at most', async () => {
  const { counted, kills, look, asked } = followed({ startsAt: 11 });
  // As long as it does not run, 4 questions in the first two seconds and one every two seconds from then on.
  for (let looks = 0; looks < 56; looks += 1) await look();
  expect(asked()).toBe(10);
  counted.system = 41;
  for (let looks = 0; looks < 9; looks += 1) await look();
  expect(asked()).toBe(11);
  expect(kills.isKilled(41)).toBe(false);
});

test('the counter of a container on another machine is not asked for again and again', async () => {
  const { kills, look, asked } = followed({ isReadable: false });
  for (let looks = 0; looks < 200; looks += 1) await look();
  expect(asked()).toBe(3);
  expect(kills.isKilled(41)).toBe('unsure');
});
