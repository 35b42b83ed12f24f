import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { countCpus, cpuAllowance, threadCaps } from '../../../plugins/nx-study/src/machine/cpus.ts';
import { temporaryFolder } from './helpers.ts';

/** The allowance on a machine with those files, relative to `/proc` and `/sys/fs/cgroup`. */
function onMachine(files: Record<string, string>) {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return cpuAllowance({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup'), available: 16 });
}

const affinity = (list: string) => ({
  'proc/self/status': `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n`,
});

test.each([
  ['0', 1],
  ['0-3', 4],
  ['0-3,8,10-11\n', 7],
  ['', 0],
])('the list %j names %d', (list, count) => {
  expect(countCpus(list)).toBe(count);
});

test('without control groups affinity decides', () => {
  expect(onMachine(affinity('0-3,8'))).toEqual({
    allowed: 5,
    affinity: { value: 5, reason: null },
    quota: { value: null, reason: `${process.platform} has no control groups` },
  });
});

test('version 2: the smallest quota on the way to the root decides', () => {
  const { allowed, quota } = onMachine({
    ...affinity('0-15'),
    'proc/self/cgroup': '0::/user.slice/job:1\n',
    'cgroup/user.slice/job:1/cpu.max': 'max 100000\n',
    'cgroup/user.slice/cpu.max': '350000 100000\n',
  });
  expect(quota).toEqual({ value: 3.5, reason: null });
  expect(allowed).toBe(3);
});

test('version 2 in a container that shows the path of the host', () => {
  const { allowed } = onMachine({
    ...affinity('0-15'),
    'proc/self/cgroup': '0::/docker/0123\n',
    'cgroup/cpu.max': '200000 100000\n',
  });
  expect(allowed).toBe(2);
});

test('version 1, controllers mounted together, parents too', () => {
  const { quota } = onMachine({
    ...affinity('0-15'),
    'proc/self/cgroup': '9:name=systemd:/\n5:cpuset:/x\n4:cpu,cpuacct:/a/b\n0::/\n',
    'cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us': '-1\n',
    'cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us': '100000\n',
    'cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '400000\n',
    'cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
  });
  expect(quota).toEqual({ value: 4, reason: null });
});

test('less than one core is one', () => {
  const { allowed, quota } = onMachine({
    ...affinity('0-1'),
    'proc/self/cgroup': '0::/\n',
    'cgroup/cpu.max': '50000 100000',
  });
  expect(quota.value).toBe(0.5);
  expect(allowed).toBe(1);
});

test('no quota anywhere is said so', () => {
  const { allowed, quota } = onMachine({
    ...affinity('0-1'),
    'proc/self/cgroup': '0::/\n',
    'cgroup/cpu.max': 'max 100000\n',
  });
  expect(quota).toEqual({ value: null, reason: 'no control group sets a quota' });
  expect(allowed).toBe(2);
});

test('where nothing is known the system is asked', () => {
  const { allowed, affinity: known } = onMachine({});
  expect(allowed).toBe(16);
  expect(known).toEqual({ value: null, reason: `${process.platform} reports no affinity` });
});

test('this machine', () => {
  const { allowed } = cpuAllowance();
  expect(allowed).toBeGreaterThanOrEqual(1);
  expect(allowed).toBeLessThanOrEqual(availableParallelism());
});

test.runIf(process.platform === 'linux')('a process that was pinned to one core has one', () => {
  const script = "import('./plugins/nx-study/src/machine/cpus.ts').then((m) => console.log(m.cpuAllowance().allowed))";
  const node = [process.execPath, '--import', '@swc-node/register/esm-register', '-e', script];
  const output = execFileSync('taskset', ['-c', '0', ...node], {
    cwd: join(import.meta.dirname, '../../..'),
    encoding: 'utf8',
  });
  expect(output).toBe('1\n');
});

test('thread caps name every usual library', () => {
  expect(threadCaps(3)).toMatchObject({ OMP_NUM_THREADS: '3', NUMBA_NUM_THREADS: '3', RAYON_NUM_THREADS: '3' });
});
