import { expect, test } from 'vitest';
import { cpuTemperature } from '../../../../plugins/nx-study/src/machine/sensors/temperature.ts';
import { treeOf } from '../../../helpers/tree.ts';

// Trees as Documentation/hwmon/{coretemp,k10temp}.rst and Documentation/driver-api/thermal/sysfs-api.rst of Linux describe them.
const read = async (files: Record<string, string>) => cpuTemperature(await treeOf(files), 'linux');

test('the hottest package of an Intel CPU, among monitors of other parts', async () => {
  const { value } = await read({
    'class/hwmon/hwmon0/name': 'nvme',
    'class/hwmon/hwmon0/temp1_input': '71850',
    'class/hwmon/hwmon1/name': 'coretemp',
    'class/hwmon/hwmon1/temp1_label': 'Package id 0',
    'class/hwmon/hwmon1/temp1_input': '52000',
    'class/hwmon/hwmon1/temp2_label': 'Core 0',
    'class/hwmon/hwmon1/temp2_input': '55000',
    'class/hwmon/hwmon1/temp10_label': 'Package id 1',
    'class/hwmon/hwmon1/temp10_input': '61000',
  });
  expect(value).toEqual({ celsius: 61, sensor: 'coretemp Package id 1' });
});

test('an AMD CPU: its die, else the control temperature', async () => {
  const k10temp = {
    'class/hwmon/hwmon2/name': 'k10temp',
    'class/hwmon/hwmon2/temp1_label': 'Tctl',
    'class/hwmon/hwmon2/temp1_input': '70250',
  };
  expect((await read(k10temp)).value).toEqual({ celsius: 70.25, sensor: 'k10temp Tctl' });
  const withDie = {
    ...k10temp,
    'class/hwmon/hwmon2/temp2_label': 'Tdie',
    'class/hwmon/hwmon2/temp2_input': '60250',
  };
  expect((await read(withDie)).value).toEqual({ celsius: 60.25, sensor: 'k10temp Tdie' });
});

test('a zone of the CPU, where no monitor tells; broken sensors do not count', async () => {
  const { value } = await read({
    'class/hwmon/hwmon0/name': 'coretemp',
    'class/hwmon/hwmon0/temp1_label': 'Package id 0',
    'class/hwmon/hwmon0/temp1_input': '-274000',
    'class/thermal/thermal_zone0/type': 'acpitz',
    'class/thermal/thermal_zone0/temp': '99000',
    'class/thermal/thermal_zone1/type': 'x86_pkg_temp',
    'class/thermal/thermal_zone1/temp': '48000',
    'class/thermal/thermal_zone2/type': 'cpu-thermal',
    'class/thermal/thermal_zone2/temp': '0',
  });
  expect(value).toEqual({ celsius: 48, sensor: 'x86_pkg_temp' });
});

test('where there is none, it says why', async () => {
  expect(await read({ 'class/hwmon/hwmon0/name': 'nvme' })).toEqual({
    value: null,
    reason: 'the kernel shows no temperature of the CPU',
  });
  expect(cpuTemperature('/nowhere', 'darwin').reason).toContain('root');
});
