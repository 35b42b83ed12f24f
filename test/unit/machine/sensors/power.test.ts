import { expect, test } from 'vitest';
import { cpuPowerMeter } from '../../../../plugins/nx-study/src/machine/sensors/power.ts';
import { addTo, treeOf } from '../../../helpers/tree.ts';

// Trees as Documentation/power/powercap/powercap.rst of Linux describes them.
const zone = (path: string, name: string, microjoules: number) => ({
  [`class/powercap/${path}/name`]: `${name}\n`,
  [`class/powercap/${path}/energy_uj`]: `${microjoules}\n`,
  [`class/powercap/${path}/max_energy_range_uj`]: '262143328850\n',
});

async function meterOf(files: Record<string, string>) {
  const sys = await treeOf(files);
  let now = 0;
  const meter = cpuPowerMeter(sys, () => now);
  return {
    async after(seconds: number, added: Record<string, string>) {
      await addTo(sys, added);
      now += seconds;
      return meter.read();
    },
  };
}

test('the sum of the packages; their cores, and the platform around them, count no second time', async () => {
  const { after } = await meterOf({
    ...zone('intel-rapl:0', 'package-0', 1_000_000),
    ...zone('intel-rapl:0:0', 'core', 500_000),
    ...zone('intel-rapl:1', 'package-1', 5_000_000),
    ...zone('intel-rapl:2', 'psys', 9_000_000),
  });
  const added = { ...zone('intel-rapl:0', 'package-0', 61_000_000), ...zone('intel-rapl:1', 'package-1', 45_000_000) };
  expect(await after(2, { ...added, ...zone('intel-rapl:2', 'psys', 900_000_000) })).toEqual({
    value: 50,
    reason: null,
  });
  expect((await after(1, {})).value).toBe(0);
});

test('a counter that began again at 0', async () => {
  const { after } = await meterOf(zone('intel-rapl:0', 'package-0', 262_143_000_000));
  expect((await after(1, zone('intel-rapl:0', 'package-0', 9_671_150))).value).toBeCloseTo(10, 9);
});

test('no power where nobody tells at how much the counter began again', async () => {
  const energy = 'class/powercap/intel-rapl:0/energy_uj';
  const { after } = await meterOf({ 'class/powercap/intel-rapl:0/name': 'package-0', [energy]: '9000000' });
  expect((await after(1, { [energy]: '1000000' })).value).toBeNull();
  expect((await after(1, { [energy]: '3000000' })).value).toBe(2);
});

test('why there is no power', async () => {
  expect((await (await meterOf({})).after(1, {})).reason).toBe('the kernel shows no energy counter of the CPU');
  const locked = await meterOf({ 'class/powercap/intel-rapl:0/name': 'package-0' });
  expect((await locked.after(1, {})).reason).toBe('the energy counters of the CPU may be read by root only');
});
