import { execFileSync } from 'node:child_process';
import { uptime } from 'node:os';

/** Measures how long the machine was suspended since this was opened, up to the last sample; sample it once a second. */
export interface SuspensionWatch {
  tick(): void;
  /** The last sample. */
  ended(): void;
  suspended_s(): number;
  /** The part of it that `performance.now()` has counted. */
  counted_s(): number;
}

/** Watches from now on. */
export function watchSuspension(platform = process.platform): SuspensionWatch {
  return platform === 'darwin' ? watchMac(sleepAndWake) : watchClocks({ boot: uptime, monotonic });
}

const monotonic = () => performance.now() / 1000;

/** Seconds of a clock that goes on while the machine is suspended, and of one that doesn't. */
export interface Clocks {
  boot(): number;
  monotonic(): number;
}

// The boot-time clock may have a resolution of 1 s, and no machine suspends for less.
const LEAST_S = 2;

/** Linux: its monotonic clock stands still meanwhile, and the boot-time clock doesn't. */
export function watchClocks({ boot, monotonic: awake }: Clocks): SuspensionWatch {
  const difference = () => boot() - awake();
  const begin = difference();
  let total = 0;
  const tick = () => {
    const since = difference() - begin;
    total = since < LEAST_S ? 0 : since;
  };
  return { tick, ended: tick, suspended_s: () => total, counted_s: () => 0 };
}

/** Unix times in seconds of when the machine last fell asleep and woke. */
export type SleepAndWake = () => { sleep: number; wake: number } | null;

// Samples come each second; one that is this late was held up, perhaps by a suspension.
const LATE_S = 5;

/** macOS: Node's clock goes on, and the kernel keeps the times of the last sleep. */
export function watchMac(last: SleepAndWake, now = () => Date.now() / 1000): SuspensionWatch {
  let before = now();
  let total = 0;
  const tick = () => {
    const since = before;
    before = now();
    if (before - since < LATE_S) return;
    const times = last();
    if (times !== null && times.wake > times.sleep && times.wake > since) total += times.wake - times.sleep;
  };
  return { tick, ended: tick, suspended_s: () => total, counted_s: () => total };
}

const sleepAndWake: SleepAndWake = () => {
  try {
    return readSleepAndWake(execFileSync('sysctl', ['-n', 'kern.sleeptime', 'kern.waketime'], { encoding: 'utf8' }));
  } catch {
    return null;
  }
};

/** `{ sec = 1732500000, usec = 123456 } Mon Nov 25 …`, twice. */
export function readSleepAndWake(text: string): { sleep: number; wake: number } | null {
  const [sleep, wake] = [...text.matchAll(/sec = (\d+), usec = (\d+)/g)].map(
    ([, sec, usec]) => Number(sec) + Number(usec) / 1e6,
  );
  return sleep === undefined || wake === undefined ? null : { sleep, wake };
}
