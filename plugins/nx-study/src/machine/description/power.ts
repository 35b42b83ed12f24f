import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { namesIn, textAt } from './source.ts';
import type { MachineSource } from './source.ts';

const SUPPLIES = 'sys/class/power_supply';

/** Whether the machine runs on mains power or on its battery. */
export async function describePower(source: MachineSource): Promise<Known<'mains' | 'battery'>> {
  if (source.platform === 'darwin') return macPower(source);
  const listed = namesIn(source, SUPPLIES);
  if (listed === null) return absent('the kernel lists no power supplies');
  const read = (name: string, file: string) => textAt(source, `${SUPPLIES}/${name}/${file}`);
  // Batteries of mice and headsets have the scope `Device`.
  const supplies = listed.filter((name) => read(name, 'scope') !== 'Device');
  const batteries = supplies.filter((name) => read(name, 'type') === 'Battery');
  if (batteries.length === 0) return known('mains');
  // A charger by USB is of the type `USB`.
  if (supplies.some((name) => !batteries.includes(name) && read(name, 'online') === '1')) return known('mains');
  return known(batteries.some((name) => read(name, 'status') === 'Discharging') ? 'battery' : 'mains');
}

async function macPower(source: MachineSource): Promise<Known<'mains' | 'battery'>> {
  const { stdout } = await source.run('pmset', ['-g', 'batt']);
  const drawn = /^Now drawing from '(.*)'/m.exec(stdout)?.[1];
  if (drawn === undefined) return absent('pmset tells no power source');
  return known(drawn === 'Battery Power' ? 'battery' : 'mains');
}
