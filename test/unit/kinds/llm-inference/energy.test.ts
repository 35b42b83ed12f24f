import { assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { codesIn, factIn, metricIn, offline, workloadOf, valueIn } from './payload.ts';

const gpu = { name: 'gpu0', source: 'nvml-counter', scope: 'device', joules: 1200, samples: 40, idle_w: 60 };
const cpu = { name: 'package-0', source: 'rapl', scope: 'package', joules: 300, samples: 40, idle_w: 15 };
const cores = { ...cpu, name: 'core', scope: 'core', joules: 250, idle_w: 10 };
const dram = { ...cpu, name: 'dram', scope: 'dram', joules: 50, idle_w: 2 };
const platform = { ...cpu, name: 'psys', scope: 'platform', joules: 900, idle_w: 40 };

const measured = (domains: object[], changes: object = {}) =>
  workloadOf({
    ...offline,
    energy: {
      status: 'measured',
      window_s: 12,
      window_output_tokens: 600,
      window_prompt_tokens: 2000,
      domains,
      idle: { method: 'asleep', window_s: 10, reason: null },
      ...changes,
    },
  });

test('by hand: a GPU, a package and its memory', () => {
  const part = measured([gpu, cpu, cores, dram]);
  const values = Object.fromEntries(part.metrics.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    energy_j: 1550,
    // Less (60 + 15 + 2) W for 12 s.
    energy_adjusted_j: 626,
    j_per_output_token: expect.closeTo(1550 / 600, 12),
    adjusted_j_per_output_token: expect.closeTo(626 / 600, 12),
    output_tokens_per_j: expect.closeTo(600 / 1550, 12),
    power_mean_w: expect.closeTo(1550 / 12, 12),
    power_idle_w: 77,
    energy_device_j: 1200,
    energy_package_j: 300,
    energy_core_j: 250,
    energy_dram_j: 50,
    energy_window_s: 12,
  });
  expect(metricIn(part, 'j_per_output_token')).toMatchObject({ main: true, unit: 'J/token' });
  expect(factIn(part, 'energy_domains')).toBe('gpu0, package-0, dram');
  expect(factIn(part, 'energy_source')).toBe('nvml-counter, rapl');
  expect(codesIn(part)).toEqual([]);
});

test('what contains another domain is not added to it', () => {
  expect(valueIn(measured([cpu, platform]), 'energy_j')).toBe(300);
  expect(valueIn(measured([platform, cores]), 'energy_j')).toBe(900);
  expect(metricIn(measured([cores]), 'energy_j')).toMatchObject({
    value: null,
    reason: 'no counter covers a device, a package or the platform',
  });
});

test('a counter that is not counted may be missing, one that is may not', () => {
  const still = 'counter_did_not_move';
  const of = (domains: object[], name: string) =>
    metricIn(measured(domains, { missing: { [name]: still } }), 'energy_j');
  for (const name of ['core-0', 'core', 'psys', 'psys-1']) expect(of([cpu], name)).toMatchObject({ value: 300 });
  for (const name of ['package-1', 'dram', 'gpu1'])
    expect(of([cpu], name)).toMatchObject({ value: null, reason: `${name}: ${still}` });
  expect(of([platform], 'psys-1')).toMatchObject({ value: null });
  expect(of([platform], 'core-0')).toMatchObject({ value: 900 });
});

test('less than idling: negative, flagged, never floored', () => {
  const part = measured([{ ...gpu, joules: 600 }]);
  expect(valueIn(part, 'energy_adjusted_j')).toBe(-120);
  expect(valueIn(part, 'adjusted_j_per_output_token')).toBeCloseTo(-0.2, 12);
  expect(valueIn(part, 'energy_j')).toBe(600);
  expect(codesIn(part)).toEqual(['energy-below-idle']);
});

test('without an idle baseline there is gross energy only', () => {
  const idle = { method: 'asleep', window_s: 0, reason: 'gpu0: the counter was reset' };
  const part = measured([cpu, { ...gpu, idle_w: null }], { idle });
  expect(valueIn(part, 'energy_j')).toBe(1500);
  for (const name of ['energy_adjusted_j', 'adjusted_j_per_output_token', 'power_idle_w'])
    expect(metricIn(part, name)).toMatchObject({ value: null, reason: idle.reason });
  expect(codesIn(part)).toEqual([]);
});

test('a counter that ran backwards is no energy', () => {
  const part = measured([{ ...gpu, joules: -5 }, cpu]);
  expect(metricIn(part, 'energy_j')).toMatchObject({ value: null, reason: 'the counter gpu0 ran backwards' });
  expect(metricIn(part, 'energy_device_j')?.value).toBeNull();
  expect(valueIn(part, 'energy_package_j')).toBe(300);
});

test('a device whose counter is missing leaves no total; a missing package does', () => {
  const missing = { gpu1: 'counter_reset' };
  expect(metricIn(measured([gpu], { missing }), 'energy_j')).toMatchObject({
    value: null,
    reason: 'gpu1: counter_reset',
  });
  expect(valueIn(measured([gpu], { missing: { rapl: 'rapl_permission_denied' } }), 'energy_j')).toBe(1200);
});

test('a window without tokens has no energy per token', () => {
  const part = measured([gpu], { window_output_tokens: 0 });
  expect(metricIn(part, 'j_per_output_token')).toMatchObject({
    value: null,
    reason: 'the number of new tokens in the window is 0',
  });
  expect(valueIn(part, 'energy_j')).toBe(1200);
});

test('unavailable: a reason, no warning, no column on screen', () => {
  const part = workloadOf();
  expect(metricIn(part, 'j_per_output_token')).toMatchObject({ value: null, reason: 'no_gpu_no_rapl', main: false });
  expect(metricIn(part, 'energy_j')).toMatchObject({ value: null, reason: 'no_gpu_no_rapl' });
  expect(factIn(part, 'energy_status')).toBe('unavailable');
  expect(codesIn(part)).toEqual([]);
});

test('property: gross and adjusted differ by idling, per token and in all', () => {
  const joules = double({ min: 0, max: 1e6, noNaN: true });
  assert(
    property(
      joules,
      joules,
      integer({ min: 1, max: 1e5 }),
      double({ min: 0, max: 500, noNaN: true }),
      (a, b, n, idle_w) => {
        const part = measured(
          [
            { ...gpu, joules: a, idle_w },
            { ...cpu, joules: b, idle_w: 0 },
          ],
          {
            window_output_tokens: n,
          },
        );
        expect(valueIn(part, 'energy_j')! - valueIn(part, 'energy_adjusted_j')!).toBeCloseTo(12 * idle_w, 4);
        expect(valueIn(part, 'j_per_output_token')! * n).toBeCloseTo(a + b, 4);
      },
    ),
  );
});
