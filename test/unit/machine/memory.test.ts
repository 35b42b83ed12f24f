import { mkdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { availableMemory, memoryMeter } from '../../../plugins/nx-study/src/machine/memory.ts';
import { temporaryFolder } from './helpers.ts';

const MIB = 2 ** 20;

/** What a machine with those files, relative to `/proc` and `/sys/fs/cgroup`, has available. */
const onMachine = (files: Record<string, string>) => availableMemory(machineWith(files).roots);

function machineWith(files: Record<string, string>) {
  const root = temporaryFolder();
  const write = (more: Record<string, string>) => {
    for (const [path, content] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  };
  write(files);
  return { write, roots: { proc: join(root, 'proc'), cgroup: join(root, 'cgroup'), installed_bytes: 64_000 * MIB } };
}

const meminfo = (available_mib: number) => ({
  'proc/meminfo': `MemTotal:       24684032 kB\nMemFree:        1024 kB\nMemAvailable:   ${available_mib * 1024} kB\n`,
});

test('without control groups the kernel decides', () => {
  expect(onMachine(meminfo(8000))).toEqual({ bytes: 8000 * MIB, bound: 'available memory' });
});

test('where nothing tells what is available, only what exceeds the installed memory is too much', () => {
  expect(onMachine({})).toEqual({ bytes: 64_000 * MIB, bound: 'installed memory' });
});

// As in a container on a host with version 2: the path is the container's own root.
test('version 2: the limit less what is used, the page cache not counted as used', () => {
  const stat = [
    'anon 1048576000',
    'file 1153433600',
    'inactive_anon 524288',
    'inactive_file 734003200',
    'active_file 314572800',
    'slab_reclaimable 4096',
  ].join('\n');
  const machine = {
    ...meminfo(8000),
    'proc/self/cgroup': '0::/\n',
    'cgroup/memory.max': '4194304000\n',
    'cgroup/memory.current': '2202009600\n',
    'cgroup/memory.stat': `${stat}\n`,
  };
  expect(onMachine(machine)).toEqual({ bytes: 2900 * MIB, bound: 'control group limit' });
  expect(onMachine({ ...machine, ...meminfo(2000) })).toEqual({ bytes: 2000 * MIB, bound: 'available memory' });
});

test('version 2: a parent can grant less than the group itself', () => {
  const machine = {
    ...meminfo(8000),
    'proc/self/cgroup': '0::/user.slice/job:1\n',
    'cgroup/user.slice/job:1/memory.max': 'max\n',
    'cgroup/user.slice/job:1/memory.current': '1048576\n',
    'cgroup/user.slice/memory.max': `${1000 * MIB}\n`,
    'cgroup/user.slice/memory.current': `${400 * MIB}\n`,
  };
  expect(onMachine(machine)).toEqual({ bytes: 600 * MIB, bound: 'control group limit' });
});

test('version 1: its word for no limit is a number, and its parents count', () => {
  const machine = {
    ...meminfo(8000),
    'proc/self/cgroup': '9:name=systemd:/\n4:memory:/a/b\n3:cpuset:/\n0::/\n',
    'cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712\n',
    'cgroup/memory/a/b/memory.usage_in_bytes': `${100 * MIB}\n`,
    'cgroup/memory/a/memory.limit_in_bytes': `${3000 * MIB}\n`,
    'cgroup/memory/a/memory.usage_in_bytes': `${1500 * MIB}\n`,
    'cgroup/memory/a/memory.stat': `inactive_file 1\ntotal_inactive_file ${300 * MIB}\ntotal_active_file ${200 * MIB}\n`,
  };
  expect(onMachine(machine)).toEqual({ bytes: 2000 * MIB, bound: 'control group limit' });
});

test('a group that uses more than its limit has nothing left', () => {
  const machine = {
    ...meminfo(8000),
    'proc/self/cgroup': '0::/\n',
    'cgroup/memory.max': `${100 * MIB}\n`,
    'cgroup/memory.current': `${130 * MIB}\n`,
  };
  expect(onMachine(machine)).toEqual({ bytes: 0, bound: 'control group limit' });
});

test('a meter says of how many bytes those are: of the limit that decides, or of the machine', () => {
  const limited = {
    'proc/self/cgroup': '0::/\n',
    'cgroup/memory.max': `${500 * MIB}\n`,
    'cgroup/memory.current': `${400 * MIB}\n`,
  };
  const meter = (files: Record<string, string>) => memoryMeter(machineWith(files).roots)();
  expect(meter({ ...meminfo(8000), ...limited })).toMatchObject({ bytes: 100 * MIB, of_bytes: 500 * MIB });
  expect(meter({ ...meminfo(50), ...limited })).toMatchObject({ bytes: 50 * MIB, of_bytes: 64_000 * MIB });
});

test('here', () => {
  const { bytes } = availableMemory();
  expect(bytes).toBeGreaterThan(10 * MIB);
  expect(bytes).toBeLessThanOrEqual(totalmem());
});

test('looks that come often see at once what is used, and after some seconds that there is a limit', () => {
  const { roots, write } = machineWith({
    ...meminfo(8000),
    'proc/self/cgroup': '0::/\n',
    'cgroup/memory.max': 'max\n',
  });
  let now_ms = 0;
  const available = memoryMeter(roots, () => now_ms);
  const mib = () => available().bytes / MIB;
  expect(mib()).toBe(8000);
  write(meminfo(7000));
  expect(mib()).toBe(7000);
  write({ 'cgroup/memory.max': `${1000 * MIB}\n`, 'cgroup/memory.current': `${200 * MIB}\n` });
  now_ms = 10_000;
  expect(mib()).toBe(800);
  write({ 'cgroup/memory.current': `${300 * MIB}\n` });
  expect(mib()).toBe(700);
  write({ 'cgroup/memory.max': 'max\n' });
  expect(mib()).toBe(7000);
});
