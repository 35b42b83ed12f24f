import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';

export interface Temperature {
  celsius: number;
  /** Such as `coretemp Package id 0`. */
  sensor: string;
}

/** The hottest package of the CPU. */
export function cpuTemperature(sys = '/sys', platform = process.platform): Known<Temperature> {
  if (platform === 'darwin') return absent('macOS tells its temperatures to root only');
  const found = fromMonitors(join(sys, 'class/hwmon')) ?? fromZones(join(sys, 'class/thermal'));
  return found === null ? absent('the kernel shows no temperature of the CPU') : known(found);
}

// Drivers of hardware monitors that measure a CPU, and which of their inputs stand for all of it, best first.
const DRIVERS: Record<string, RegExp[]> = {
  coretemp: [/^Package id /, /^Core /],
  // Tctl may have an offset, for the fan's sake.
  k10temp: [/^Tdie$/, /^Tctl$/],
  zenpower: [/^Tdie$/, /^Tctl$/],
  cpu_thermal: [/^/],
};

function fromMonitors(folder: string): Temperature | null {
  for (const monitor of namesIn(folder)) {
    const driver = textAt(join(folder, monitor, 'name')) ?? '';
    const inputs = DRIVERS[driver] ? inputsOf(join(folder, monitor)) : [];
    for (const label of DRIVERS[driver] ?? []) {
      const hottest = hottestOf(inputs.filter((input) => label.test(input.label)));
      if (hottest) return { celsius: hottest.celsius, sensor: `${driver} ${hottest.label}`.trim() };
    }
  }
  return null;
}

const ZONES = /^(x86_pkg_temp|TCPU|(cpu|soc)[-_]?thermal|cpu\S*)$/i;

function fromZones(folder: string): Temperature | null {
  const zones = namesIn(folder)
    .filter((name) => name.startsWith('thermal_zone'))
    .map((name) => ({
      label: textAt(join(folder, name, 'type')) ?? '',
      celsius: celsiusAt(join(folder, name, 'temp')),
    }));
  const hottest = hottestOf(zones.filter(({ label }) => ZONES.test(label)));
  return hottest && { celsius: hottest.celsius, sensor: hottest.label };
}

interface Input {
  label: string;
  celsius: number | null;
}

function inputsOf(folder: string): Input[] {
  return namesIn(folder)
    .filter((name) => /^temp\d+_input$/.test(name))
    .map((name) => ({
      label: textAt(join(folder, name.replace('_input', '_label'))) ?? '',
      celsius: celsiusAt(join(folder, name)),
    }));
}

function hottestOf(inputs: Input[]): { label: string; celsius: number } | null {
  const good = inputs.flatMap(({ label, celsius }) => (celsius === null ? [] : { label, celsius }));
  return good.toSorted((a, b) => b.celsius - a.celsius)[0] ?? null;
}

/** Files are in thousandths of a degree; sensors that are asleep or broken say 0 or less, or some hundreds. */
function celsiusAt(file: string): number | null {
  const celsius = Number(textAt(file) ?? Number.NaN) / 1000;
  return celsius > 0 && celsius < 150 ? celsius : null;
}

const namesIn = (folder: string): string[] => (orNull(() => readdirSync(folder)) ?? []).toSorted();

const textAt = (file: string): string | null => orNull(() => readFileSync(file, 'utf8'))?.trim() ?? null;
