import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { describeMachine } from '../../../plugins/nx-study/src/machine/description/describe.ts';
import { factsOf } from '../../../plugins/nx-study/src/platform/facts.ts';
import type { Facts } from '../../../plugins/nx-study/src/platform/facts.ts';
import type { RuleResult } from '../../../plugins/nx-study/src/platform/rule.ts';
import { ruleNames, ruleOf } from '../../../plugins/nx-study/src/platform/rules/index.ts';
import type { RuleName } from '../../../plugins/nx-study/src/platform/rules/index.ts';
import { platformSchema } from '../../../plugins/nx-study/src/platform/schema.ts';
import { recordedMachine } from '../../helpers/machines.ts';
import { temporaryFolder, until } from '../machine/helpers.ts';

const demand = { worker: 'ideal-point', configuration: { chains: 4, name: 'x' }, cpus: 2 };

async function factsOn(name: string, change: Record<string, string | null> = {}, platform: NodeJS.Platform = 'linux') {
  const source = recordedMachine(name, change, platform);
  const machine = await describeMachine(source);
  // Of a recorded Mac these are the machine's own that runs the test.
  const own = platform === 'darwin' ? { system: 'Darwin', arch: 'arm64', cpu: 'Apple M2' } : {};
  return factsOf({ ...machine, ...own }, source);
}

/** The result of a rule as a profile would write it. */
async function resultOf(
  rule: RuleName,
  need: object,
  facts: Facts,
  change: Partial<typeof demand> = {},
): Promise<RuleResult> {
  const { rules } = platformSchema.parse({ rules: { [rule]: need } }) as { rules: Record<string, object> };
  return ruleOf(rule).check(rules[rule] as never, facts, { ...demand, ...change });
}

const laptop = () => factsOn('hybrid-laptop');
const vm = () => factsOn('vm-cgroup-v1');
const mac = () => factsOn('apple-m2', {}, 'darwin');
const h100 = () => factsOn('h100');
const two = () => factsOn('two-gpus-one-mig');

const TESTED_BELOW = ['accelerator_idle', 'accelerator_persistence', 'cpp_compiler', 'processes'];

const cases: [RuleName, object, () => Promise<Facts>, boolean, RegExp][] = [
  ['system', { os: ['macos'], arch: ['arm64'] }, mac, true, /macos, arm64/],
  ['system', { os: ['macos'] }, vm, false, /linux/],
  ['cpu', { matches: 'apple m' }, mac, true, /Apple M2/],
  ['cpu', { matches: 'apple m' }, vm, false, /AMD EPYC/],
  ['bare_metal', {}, laptop, true, /none/],
  ['bare_metal', {}, vm, false, /unknown hypervisor/],
  ['bare_metal', {}, () => factsOn('big-little'), false, /unknown: nothing here tells/],
  ['mains_power', {}, laptop, false, /battery/],
  ['mains_power', {}, () => factsOn('big-little'), true, /mains/],
  ['governor', { is: ['performance', 'schedutil'] }, laptop, false, /powersave/],
  ['governor', { is: ['performance', 'powersave'] }, laptop, true, /powersave/],
  ['governor', { is: ['performance'] }, () => factsOn('big-little'), false, /ondemand, performance/],
  ['governor', { is: ['performance'] }, vm, false, /unknown: the kernel scales no frequency/],
  ['cores', { least: 8 }, laptop, true, /8/],
  ['cores', { least: 9 }, laptop, false, /8/],
  ['cores', { least: 1, most: 7 }, laptop, false, /8/],
  ['performance_cores', { least: 4 }, laptop, true, /4/],
  ['performance_cores', { least: 5 }, mac, false, /4/],
  ['thread_caps', { most: 2 }, laptop, true, /2/],
  ['thread_caps', { most: 1 }, laptop, false, /2/],
  ['thread_caps', { most: 'performance-cores' }, laptop, true, /2/],
  ['chains', {}, laptop, true, /4/],
  ['chains', { most: 3 }, laptop, false, /4/],
  ['chains', { setting: 'draws', most: 3 }, laptop, true, /no such setting/],
  // Two cores may be used, of which the kernel tells nothing slow.
  ['chains', {}, vm, false, /4/],
  ['memory', { least_gib: 16 }, laptop, true, /16\.0 GiB/],
  ['memory', { least_gib: 17 }, laptop, false, /16\.0 GiB/],
  ['memory', { least_gib: 24 }, vm, false, /23\.5 GiB/],
  ['free_memory', { least_gib: 0 }, vm, true, /GiB/],
  ['free_memory', { least_gib: 1e6 }, vm, false, /GiB/],
  ['swap', {}, vm, true, /no swap/],
  ['swap', {}, laptop, false, /8\.0 GiB/],
  ['swap', { most_gib: 8 }, laptop, true, /8\.0 GiB/],
  ['accelerators', {}, vm, false, /none/],
  [
    'accelerators',
    { most: 1, matches: 'h100', memory_least_gib: 70 },
    h100,
    true,
    /GPU 0 NVIDIA H100 80GB HBM3, 79\.6 GiB/,
  ],
  ['accelerators', { memory_least_gib: 80 }, h100, false, /79\.6 GiB/],
  ['accelerators', { matches: 'A100' }, h100, false, /H100/],
  ['accelerators', { most: 1 }, two, false, /GPU 0 .*; GPU 1/],
  ['accelerators', {}, () => factsOn('h100', { '$ nvidia-smi': null }), false, /unknown: nvidia-smi: spawn ENOENT/],
  ['accelerator_persistence', {}, h100, false, /GPU 0: off/],
  ['accelerator_persistence', {}, vm, false, /there is no NVIDIA GPU/],
  ['accelerator_mig', {}, h100, true, /on each GPU/],
  ['accelerator_mig', {}, two, false, /^GPU 0: on$/],
  ['accelerator_mig', { is: 'on' }, two, false, /^GPU 1: unknown/],
  ['accelerator_power_limit', {}, h100, false, /500 W \(default 700 W\)/],
  ['accelerator_power_limit', { watts: 500 }, h100, true, /on each GPU/],
  ['accelerator_power_limit', {}, two, true, /on each GPU/],
];

test.each(cases)('%s %j', async (rule, need, facts, met, found) => {
  const result = await resultOf(rule, need, await facts());
  expect(result).toMatchObject({ met, found: expect.stringMatching(found) });
  expect(result.needs).not.toMatch(/undefined|null|NaN/);
  expect(result.way).toMatch(met ? /(^|\.)$/ : /\.$/);
});

test('every rule is tested with something that meets it and something that does not', () => {
  const untested = ruleNames.filter((name) => {
    const verdicts = new Set(cases.filter(([rule]) => rule === name).map(([, , , met]) => met));
    return verdicts.size < 2;
  });
  expect(untested.toSorted()).toEqual(TESTED_BELOW);
});

test('persistence mode that is on', async () => {
  const on = '0, GPU-1, NVIDIA L4, 550.90.07, 23034, 72.00, 72.00, 72.00, 2040, 6251, [N/A], Enabled, [N/A], Default';
  expect(await resultOf('accelerator_persistence', {}, await factsOn('h100', { '$ nvidia-smi': on }))).toMatchObject({
    met: true,
  });
});

test('of several GPUs those count that a worker sees', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const facts = await two();
  expect(await resultOf('accelerators', { most: 1, matches: '3090' }, facts)).toMatchObject({ met: true });
  expect(await resultOf('accelerator_mig', {}, facts)).toMatchObject({ met: true });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-0123');
  expect(await resultOf('accelerators', {}, await two())).toMatchObject({
    met: false,
    found: 'unknown: CUDA_VISIBLE_DEVICES names what nvidia-smi does not list',
  });
});

test('a chain for each core that may be used, where all cores are fast', async () => {
  const facts = await vm();
  expect(await resultOf('chains', {}, facts, { configuration: { chains: 2, name: '' } })).toMatchObject({ met: true });
  expect(await resultOf('chains', {}, facts, { configuration: { chains: 3, name: '' } })).toMatchObject({
    met: false,
    needs: '`chains`: 2 at most, as there are performance cores to use',
  });
});

test('a process that computes on a GPU', async () => {
  const facts = await h100();
  const busy = (uuid: string): Facts => ({
    ...facts,
    gpuProcesses: () => Promise.resolve({ value: [{ uuid, pid: 4711, bytes: null, name: 'python' }], reason: null }),
  });
  const idle = (of: Facts) => resultOf('accelerator_idle', {}, of);
  expect(await idle(busy(facts.gpus.value![0]!.uuid))).toMatchObject({ met: false, found: 'python (pid 4711)' });
  expect(await idle(busy('GPU-of-another'))).toMatchObject({ met: true, found: 'none' });
  const silent = await factsOn('h100', { '$ nvidia-smi': null });
  expect(await idle(silent)).toMatchObject({ met: false, found: 'unknown: nvidia-smi: spawn ENOENT' });
});

test('the processes on a GPU, as nvidia-smi lists them', async () => {
  const facts = await h100();
  const source = recordedMachine('h100', {
    '$ nvidia-smi': 'GPU-5f1e, 1234, 1024, /usr/bin/python3\nGPU-5f1e, 99, [N/A], [Insufficient Permissions]\n',
  });
  expect(await factsOf(facts.machine, source).gpuProcesses()).toEqual({
    value: [
      { uuid: 'GPU-5f1e', pid: 1234, bytes: 2 ** 30, name: '/usr/bin/python3' },
      { uuid: 'GPU-5f1e', pid: 99, bytes: null, name: '[Insufficient Permissions]' },
    ],
    reason: null,
  });
  const none = recordedMachine('h100', { '$ nvidia-smi': '' });
  expect(await factsOf(facts.machine, none).gpuProcesses()).toEqual({ value: [], reason: null });
});

test.runIf(process.platform === 'linux')(
  'a listed program that runs, by its own name or as the script of an interpreter; never our own tree',
  async () => {
    const folder = temporaryFolder();
    const script = join(folder, 'nx-study-neighbour');
    // It waits without a process of its own, which would have its name until it runs another program.
    writeFileSync(script, '#!/bin/sh\nkill -STOP $$\n');
    chmodSync(script, 0o755);
    const need = { none_of: ['nx-study-neighbour'] };
    // As another program of this machine: not a child of this process.
    const starter = spawn('sh', ['-c', `setsid ${script} >/dev/null 2>&1 & echo $!`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => starter.stdout.once('data', (data) => resolve(Number(data))));
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    await until(async () => !(await resultOf('processes', need, await vm())).met);
    expect(await resultOf('processes', need, await vm())).toMatchObject({ found: `nx-study-neighbour (pid ${pid})` });
    expect(await resultOf('processes', { none_of: ['no-such-program'] }, await vm())).toMatchObject({ met: true });

    const child = spawn(script, { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect((await resultOf('processes', need, await vm())).found).not.toContain(`pid ${child.pid}`);
  },
);

test('a compiler where a worker needs one', async () => {
  const folder = temporaryFolder();
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await resultOf('cpp_compiler', {}, await vm())).toMatchObject({
    met: false,
    found: expect.stringContaining('none on the PATH'),
  });
  expect(await resultOf('cpp_compiler', { workers: ['vllm'] }, await vm())).toMatchObject({ met: true });
  writeFileSync(join(folder, 'clang++'), '#!/bin/sh\n');
  chmodSync(join(folder, 'clang++'), 0o755);
  expect(await resultOf('cpp_compiler', { workers: ['ideal-point'] }, await vm())).toMatchObject({
    met: true,
    found: join(folder, 'clang++'),
  });
});
