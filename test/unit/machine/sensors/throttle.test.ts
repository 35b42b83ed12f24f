import { expect, test } from 'vitest';
import { watchThrottle } from '../../../../plugins/nx-study/src/machine/sensors/throttle.ts';
import { addTo, treeOf } from '../../../helpers/tree.ts';

// Trees as Linux's Documentation/ABI and arch/x86/kernel/cpu/mce/therm_throt.c describe them.
const counters = (cpu: number, core: number, pkg: number) => ({
  [`devices/system/cpu/cpu${cpu}/thermal_throttle/core_throttle_total_time_ms`]: String(core),
  [`devices/system/cpu/cpu${cpu}/thermal_throttle/package_throttle_total_time_ms`]: String(pkg),
});
const frequency = (cpu: number, now: number, more: Record<string, string> = {}) => ({
  [`devices/system/cpu/cpu${cpu}/cpufreq/scaling_cur_freq`]: String(now * 1000),
  [`devices/system/cpu/cpu${cpu}/cpufreq/scaling_max_freq`]: '4500000',
  [`devices/system/cpu/cpu${cpu}/cpufreq/base_frequency`]: '2500000',
  ...more,
});

test("the kernel's counters: the core or package that was slowed down longest, since the beginning", async () => {
  const sys = await treeOf({ ...counters(0, 1000, 9000), ...counters(1, 500, 9000) });
  const watch = watchThrottle(sys);
  expect(watch.seconds()).toEqual({ value: 0, reason: null });
  await addTo(sys, { ...counters(0, 1000, 9000), ...counters(1, 3500, 9100) });
  expect(watch.seconds().value).toBe(3);
});

test('without counters: busy CPUs below their nominal frequency', async () => {
  const sys = await treeOf({ ...frequency(0, 3900), ...frequency(1, 800) });
  const watch = watchThrottle(sys);
  expect(watch.seconds().reason).toBe('no CPU was busy all the time');
  watch.sample([0], 5);
  expect(watch.seconds().value).toBe(0);
  await addTo(sys, frequency(0, 1800));
  watch.sample([0], 5);
  expect(watch.seconds().value).toBe(5);
});

test('a lower limit that somebody set is no throttling, and AMD has another file', async () => {
  const limited = { 'devices/system/cpu/cpu0/cpufreq/scaling_max_freq': '1800000' };
  const watch = watchThrottle(await treeOf(frequency(0, 1800, limited)));
  watch.sample([0], 5);
  expect(watch.seconds().value).toBe(0);
  const amd = await treeOf({
    'devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1400000',
    'devices/system/cpu/cpu0/acpi_cppc/nominal_freq': '3400',
  });
  const other = watchThrottle(amd);
  other.sample([0], 2);
  expect(other.seconds().value).toBe(2);
});

test('a virtual machine tells nothing', async () => {
  const watch = watchThrottle(await treeOf({ 'devices/system/cpu/online': '0-1' }));
  watch.sample([0, 1], 5);
  expect(watch.seconds()).toEqual({ value: null, reason: expect.stringContaining('neither') });
});
