import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';

/** The present frequency of a CPU, and the one that it can sustain, MHz. */
export interface Frequency {
  current_mhz: number;
  /** Its nominal frequency without turbo, or the allowed maximum where that is less. */
  sustained_mhz: number;
}

/** null where the kernel doesn't report both, as in virtual machines and on most ARM systems. */
export function cpuFrequency(cpu: number, sys = '/sys'): Frequency | null {
  const folder = join(sys, `devices/system/cpu/cpu${cpu}`);
  const kilohertz = (file: string) => numberAt(join(folder, 'cpufreq', file), 1e-3);
  const current_mhz = currentMhz(cpu, sys);
  if (current_mhz === null) return null;
  const nominal = kilohertz('base_frequency') ?? numberAt(join(folder, 'acpi_cppc/nominal_freq'), 1);
  if (nominal === null) return null;
  return { current_mhz, sustained_mhz: Math.min(nominal, kilohertz('scaling_max_freq') ?? nominal) };
}

/** The present frequency of a CPU in MHz; null where the kernel doesn't report it. */
export const currentMhz = (cpu: number, sys = '/sys'): number | null =>
  numberAt(join(sys, `devices/system/cpu/cpu${cpu}/cpufreq/scaling_cur_freq`), 1e-3);

function numberAt(file: string, unit: number): number | null {
  // Most virtual machines have none of these files, and an error takes longer than this question.
  if (!existsSync(file)) return null;
  const value = Number(orNull(() => readFileSync(file, 'utf8')) ?? Number.NaN);
  return value > 0 ? value * unit : null;
}
