import { expect, test } from 'vitest';
import { describeMachine } from '../../../plugins/nx-study/src/machine/description/describe.ts';
import { hostFingerprint } from '../../../plugins/nx-study/src/machine/host.ts';
import { recordedMachine } from '../../helpers/machines.ts';

const GIB = 2 ** 30;
const value = <T>(of: T) => ({ value: of, reason: null });
const none = (reason: unknown) => ({ value: null, reason });

test('this machine: its stable part is the fingerprint, and every absent value has a reason', async () => {
  const machine = await describeMachine();
  expect(machine).toMatchObject(await hostFingerprint());
  expect(machine).toMatchObject({
    node: process.version,
    nx: expect.stringMatching(/^\d+\./),
    nx_study: expect.stringMatching(/^\d+\./),
  });
  const text = JSON.stringify(machine);
  expect(JSON.parse(text)).toEqual(machine);
  expect(text).not.toMatch(/"value":null,"reason":(null|"")/);
});

test('a virtual machine with version 1 control groups, recorded', async () => {
  const machine = await describeMachine(recordedMachine('vm-cgroup-v1'));
  expect(machine).toMatchObject({
    cpu: 'AMD EPYC',
    cores: 2,
    hypervisor: value('unknown hypervisor'),
    container: value('none'),
    os: value('Debian GNU/Linux 12 (bookworm)'),
    cpus: {
      allowed: 2,
      affinity: value(2),
      quota: none('no control group sets a quota'),
      physical: value(2),
      performance: value(2),
    },
    frequency: { governor: none('the kernel scales no frequency here, as in most virtual machines') },
    memory: {
      installed_bytes: value(24_684_084 * 1024),
      limit_bytes: none('no control group limits memory'),
      swap_bytes: value(0),
    },
    power: none('the kernel lists no power supplies'),
    gpus: value([]),
  });
});

test('a laptop with two kinds of cores, on battery, in version 2 control groups', async () => {
  const machine = await describeMachine(recordedMachine('hybrid-laptop'));
  expect(machine).toMatchObject({
    cores: 16,
    hypervisor: value('none'),
    cpus: { allowed: 8, quota: value(8), affinity: value(16), physical: value(12), performance: value(4) },
    frequency: {
      governor: value('powersave'),
      driver: value('intel_pstate'),
      energy_preference: value('balance_performance'),
      min_mhz: value(400),
      max_mhz: value(4700),
      hardware_max_mhz: value(4700),
      boost: value(true),
    },
    memory: { limit_bytes: value(16 * GIB), swap_bytes: value(8_388_604 * 1024) },
    power: value('battery'),
  });
  const boosted = recordedMachine('hybrid-laptop', { 'sys/devices/system/cpu/intel_pstate/no_turbo': '1' });
  expect((await describeMachine(boosted)).frequency.boost).toEqual(value(false));
});

test.each([
  ['plugged in', { 'sys/class/power_supply/AC/online': '1' }, 'mains'],
  ['charged by USB', { 'sys/class/power_supply/ucsi/type': 'USB', 'sys/class/power_supply/ucsi/online': '1' }, 'mains'],
  ['full, and nothing says online', { 'sys/class/power_supply/BAT0/status': 'Full' }, 'mains'],
] as const)('a laptop that is %s, with the battery of a mouse beside', async (_, change, power) => {
  expect((await describeMachine(recordedMachine('hybrid-laptop', change))).power).toEqual(value(power));
});

test('a board with fast and slow ARM cores', async () => {
  const machine = await describeMachine(recordedMachine('big-little'));
  expect(machine).toMatchObject({
    cpu: 'arm 0x41 0xd05',
    hypervisor: none('nothing here tells whether this machine is virtual'),
    cpus: { physical: value(8), performance: value(4) },
    frequency: { governor: value('ondemand, performance'), max_mhz: value(2400), boost: value(true) },
    memory: { swap_bytes: value(0) },
    power: value('mains'),
  });
});

test('a Mac', async () => {
  const machine = await describeMachine(recordedMachine('apple-m2', {}, 'darwin'));
  expect(machine).toMatchObject({
    os: value('macOS 15.1'),
    hypervisor: value('none'),
    cpus: { physical: value(8), performance: value(4) },
    frequency: { governor: none('darwin does not report it') },
    memory: {
      installed_bytes: value(16 * GIB),
      limit_bytes: none('macOS has no control groups'),
      swap_bytes: value(2 * GIB),
    },
    power: value('battery'),
  });
  const intel = recordedMachine('apple-m2', { '$ sysctl': 'hw.physicalcpu: 6', '$ pmset': null }, 'darwin');
  expect(await describeMachine(intel)).toMatchObject({
    cpus: { physical: value(6), performance: value(6) },
    memory: { swap_bytes: none('sysctl knows no vm.swapusage') },
    power: none('pmset tells no power source'),
  });
});

test.each([
  [{ 'sys/class/dmi/id/sys_vendor': 'QEMU' }, 'qemu'],
  [{ 'sys/class/dmi/id/sys_vendor': 'Amazon EC2', 'sys/class/dmi/id/product_name': 'c5.large' }, 'amazon'],
  [{ 'sys/class/dmi/id/sys_vendor': 'Amazon EC2', 'sys/class/dmi/id/product_name': 'c5.metal' }, 'none'],
  [
    { 'sys/class/dmi/id/sys_vendor': 'Microsoft Corporation', 'sys/class/dmi/id/product_name': 'Virtual Machine' },
    'microsoft',
  ],
  [
    { 'sys/class/dmi/id/sys_vendor': 'Microsoft Corporation', 'sys/class/dmi/id/product_name': 'Surface Laptop' },
    'none',
  ],
  [{ 'sys/hypervisor/type': 'xen' }, 'xen'],
])('what the firmware says: %j', async (change, hypervisor) => {
  expect((await describeMachine(recordedMachine('hybrid-laptop', change))).hypervisor).toEqual(value(hypervisor));
});

test.each([
  [{ '.dockerenv': '' }, 'docker'],
  [{ 'run/.containerenv': '' }, 'podman'],
  [{ 'run/systemd/container': 'systemd-nspawn' }, 'systemd-nspawn'],
  [{ 'proc/self/cgroup': '4:memory:/kubepods/burstable/pod1/abc' }, 'kubepods'],
])('a container: %j', async (change, container) => {
  expect((await describeMachine(recordedMachine('vm-cgroup-v1', change))).container).toEqual(value(container));
});

test('a GPU, with what the driver does not tell', async () => {
  const { gpus, accelerators } = await describeMachine(recordedMachine('h100'));
  expect(accelerators).toEqual([{ vendor: 'nvidia', model: 'NVIDIA H100 80GB HBM3', driver: '550.90.07' }]);
  expect(gpus).toEqual(
    value([
      {
        index: 0,
        uuid: 'GPU-5f1e0c1a-0000-4c5e-9a51-0123456789ab',
        model: 'NVIDIA H100 80GB HBM3',
        driver: '550.90.07',
        memory_bytes: value(81_559 * 2 ** 20),
        power_limit_w: value(500),
        default_power_limit_w: value(700),
        max_power_limit_w: value(700),
        max_sm_clock_mhz: value(1980),
        max_memory_clock_mhz: value(2619),
        application_sm_clock_mhz: none('nvidia-smi says [N/A]'),
        persistence: value(false),
        mig: value(false),
        compute_mode: value('Default'),
      },
    ]),
  );
});

test('two GPUs, of which one is partitioned and the other has no such mode', async () => {
  const { gpus } = await describeMachine(recordedMachine('two-gpus-one-mig'));
  expect(gpus.value!.map(({ mig }) => mig)).toEqual([value(true), none('nvidia-smi says [N/A]')]);
});

test('a driver that lacks one field tells the others', async () => {
  const said =
    'without clocks.applications.graphics\n0, GPU-5f, A100, 450.80, 40536, 400, 400, 400, 1410, 1215, Enabled, Disabled, Default';
  const { gpus } = await describeMachine(recordedMachine('h100', { '$ nvidia-smi': said }));
  expect(gpus.value).toMatchObject([
    { application_sm_clock_mhz: none('this driver has no such field'), persistence: value(true), mig: value(false) },
  ]);
});

test('a GPU whose nvidia-smi is not there', async () => {
  const { gpus } = await describeMachine(recordedMachine('h100', { '$ nvidia-smi': null }));
  expect(gpus).toEqual(none('nvidia-smi: spawn ENOENT'));
});
