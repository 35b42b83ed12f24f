import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { memoryMeter } from '../../machine/memory.ts';
import { cpuTimes } from '../../machine/sensors/cpu-time.ts';
import { currentMhz } from '../../machine/sensors/frequency.ts';
import { cpuPowerMeter } from '../../machine/sensors/power.ts';
import { cpuTemperature } from '../../machine/sensors/temperature.ts';
import { sum } from '../../base/sum.ts';

/** What sensors of the host say now; units are in the names. */
export type Readings = Record<string, Known<number>>;

export interface HostRoots {
  sys?: string;
  proc?: string;
  /** Seconds. */
  now?: () => number;
}

// The kernel may have to wake an idle CPU to read its frequency, so only busy ones are read, and few of them.
const BUSY = 0.5;
const MOST_READ = 4;

/** Reads the sensors of CPU and memory, each time since the last one. */
export function hostSensors({ sys = '/sys', proc = '/proc', now }: HostRoots = {}): () => Readings {
  const clock = now ?? (() => performance.now() / 1000);
  const power = cpuPowerMeter(sys, clock);
  const memory = memoryMeter({ proc });
  const busyCpus = busyMeter(proc, clock);
  // Where there is no sensor, looking for one would take most of the time.
  const hasTemperature = cpuTemperature(sys).value !== null;
  return () => {
    const temperature = hasTemperature ? cpuTemperature(sys) : absent('the kernel shows no temperature of the CPU');
    return {
      cpu_power_w: power.read(),
      cpu_clock_mhz: meanClock(busyCpus(), sys),
      cpu_celsius: temperature.value === null ? temperature : known(temperature.value.celsius),
      memory_available_bytes: known(memory().bytes),
    };
  };
}

function meanClock(busy: number[], sys: string): Known<number> {
  if (currentMhz(0, sys) === null) return absent('the kernel shows no frequency of the CPU');
  if (busy.length === 0) return absent('no CPU was busy for half of the time');
  const clocks = busy.slice(0, MOST_READ).flatMap((cpu) => currentMhz(cpu, sys) ?? []);
  return clocks.length === 0 ? absent('the kernel shows no frequency of the CPU') : known(sum(clocks) / clocks.length);
}

/** The CPUs that were busy most of the time since the last call. */
function busyMeter(proc: string, now: () => number): () => number[] {
  let before = cpuTimes(proc).each;
  let last_s = now();
  return () => {
    const after = cpuTimes(proc).each;
    const seconds = now() - last_s;
    const busy = [...after].flatMap(([cpu, busy_s]) =>
      seconds > 0 && busy_s - (before.get(cpu) ?? busy_s) > BUSY * seconds ? cpu : [],
    );
    before = after;
    last_s = now();
    return busy;
  };
}
