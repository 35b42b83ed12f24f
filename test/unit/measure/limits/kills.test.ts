import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { makeMemoryGroup, oomKillsOf } from '../../../../plugins/nx-study/src/machine/memory-group.ts';
import { countKills } from '../../../../plugins/nx-study/src/measure/limits/kills.ts';

const LIMIT = 64 * 2 ** 20;
const name = (part: string) => `nx-study-kills-${part}-${process.pid}`;
// Only where this machine lets us make control groups.
const here = makeMemoryGroup(name('probe'), LIMIT);
here.value?.remove();

/** A process of a group of its own that the kernel kills at the limit of that. */
async function killElsewhere(): Promise<number> {
  const eat = 'process.stdin.once("data", () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); });';
  const eater = spawn(process.execPath, ['-e', eat], { stdio: ['pipe', 'ignore', 'ignore'] });
  const group = makeMemoryGroup(name('other'), LIMIT).value!;
  group.add(eater.pid!);
  eater.stdin.write('go');
  await once(eater, 'exit');
  const kills = group.oomKills();
  group.remove();
  return kills;
}

test.runIf(here.value !== null)('a kill elsewhere is none of a worker with a control group of its own', async () => {
  const kills = countKills({ limit_bytes: LIMIT, container: null, inJob: false });
  expect(await killElsewhere()).toBeGreaterThan(0);
  kills.end(0);
  expect(kills.killed()).toBeNull();
  kills.end(1);
  expect(kills.killed()).toMatchObject({ own: true });
  // Nor is it where the worker is in the group of this process, which the kernel counts by itself.
  kills.end(null);
  expect(kills.killed()?.own ?? null).toBe(oomKillsOf('self') === null ? false : null);
});
