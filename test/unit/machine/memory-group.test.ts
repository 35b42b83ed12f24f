import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeMemoryGroup, oomKillsOf, removeMemoryGroups } from '../../../plugins/nx-study/src/machine/memory-group.ts';

const MIB = 2 ** 20;
// Only where this machine lets us make control groups; the folders below stand for it elsewhere.
const here = makeMemoryGroup(`nx-study-probe-${process.pid}`, 64 * MIB);
here.value?.remove();

test.runIf(here.value !== null)('the kernel kills a process at the limit of its group, and counts it', async () => {
  const eat = 'process.stdin.once("data", () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); });';
  const eater = spawn(process.execPath, ['-e', eat], { stdio: ['pipe', 'ignore', 'ignore'] });
  const group = makeMemoryGroup(`nx-study-test-${eater.pid}`, 64 * MIB).value!;
  group.add(eater.pid!);
  const killed = oomKillsOf(eater.pid!, `nx-study-test-${eater.pid}`);
  eater.stdin.write('go');
  const [, signal] = await once(eater, 'exit');
  expect(signal).toBe('SIGKILL');
  expect(group.oomKills()).toBeGreaterThan(0);
  expect(killed!()).toBe(group.oomKills());
  // As after a kill of who made it.
  removeMemoryGroups('nx-study-test-');
  const again = makeMemoryGroup(`nx-study-test-${eater.pid}`, 64 * MIB);
  expect(again.reason).toBeNull();
  again.value!.remove();
});

test.runIf(here.value !== null)('a group whose maker lives is left alone, though no process is in it any more', () => {
  const name = `nx-study-test-${process.pid}`;
  const group = makeMemoryGroup(name, 64 * MIB).value!;
  removeMemoryGroups('nx-study-test-');
  expect(makeMemoryGroup(name, 64 * MIB).reason).toContain('EEXIST');
  group.remove();
});

test.runIf(here.value !== null)('a group with processes stays, and nothing fails for it', async () => {
  // A maker that is gone.
  const name = `nx-study-busy-${2 ** 22 + process.pid}`;
  const group = makeMemoryGroup(name, 64 * MIB).value!;
  const sleeper = spawn('sleep', ['60']);
  group.add(sleeper.pid!);
  removeMemoryGroups('nx-study-busy-');
  group.remove();
  expect(makeMemoryGroup(name, 64 * MIB).reason).toContain('EEXIST');
  sleeper.kill('SIGKILL');
  await once(sleeper, 'exit');
  group.remove();
  const again = makeMemoryGroup(name, 64 * MIB);
  expect(again.reason).toBeNull();
  again.value!.remove();
});

test('says why there is no group where the system lets nobody make one', () => {
  const roots = treeOf('0::/user\n', ['user']);
  expect(makeMemoryGroup('g', MIB, roots)).toEqual({
    value: null,
    reason: expect.stringContaining('passes no memory controller on'),
  });
  expect(readdirSync(join(roots.cgroup, 'user'))).toEqual([]);
  expect(makeMemoryGroup('g', MIB, { proc: '/nonexistent' }).reason).toBe('there is no control group for memory');
});

test.each([
  ['0::/user\n', 'user', 'memory.events'],
  ['4:memory:/user\n0::/other\n', 'memory/user', 'memory.oom_control'],
])('counts the kills in the control group of a process itself, by the group of %j', (groups, folder, file) => {
  const roots = treeOf(groups, [folder]);
  expect(oomKillsOf('self', '', roots)).toBeNull();
  const counter = join(roots.cgroup, folder, file);
  writeFileSync(counter, 'oom_kill_disable 0\noom_kill 3\n');
  const counted = oomKillsOf('self', 'user', roots)!;
  expect(counted()).toBe(3);
  expect(oomKillsOf('self', 'c0ffee', roots)).toBeNull();
  rmSync(counter);
  expect(counted()).toBeNull();
});

// Written by the kernel's documentation of version 2: an ordinary folder has none of the kernel's files.
function treeOf(groups: string, folders: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-cgroup-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'proc/self'), { recursive: true });
  writeFileSync(join(root, 'proc/self/cgroup'), groups);
  for (const folder of folders) mkdirSync(join(root, 'cgroup', folder), { recursive: true });
  return { proc: join(root, 'proc'), cgroup: join(root, 'cgroup') };
}
