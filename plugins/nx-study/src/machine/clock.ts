import { uptime } from 'node:os';

/** Measures by how much the wall clock was set while it was watched; sample it once a second. */
export interface ClockWatch {
  tick(): void;
  ended(): void;
  /** Seconds, negative when it was set back; 0 where it was not set. */
  set_s(): number;
}

/** Seconds of the wall clock, and of one that nobody sets and that no suspension stops. */
export interface WallAndSteady {
  wall(): number;
  steady(): number;
}

// The uptime may have a resolution of 1 s, and NTP corrects the clock by less than this between two samples.
const LEAST_S = 2;

// macOS counts its uptime by the wall clock; its monotonic one goes on while it sleeps.
const steady = process.platform === 'darwin' ? () => performance.now() / 1000 : uptime;

/** Watches from now on. */
export function watchClock(clocks: WallAndSteady = { wall: () => Date.now() / 1000, steady }): ClockWatch {
  const difference = () => clocks.wall() - clocks.steady();
  let before = difference();
  let total = 0;
  const tick = () => {
    const now = difference();
    if (Math.abs(now - before) >= LEAST_S) total += now - before;
    before = now;
  };
  return { tick, ended: tick, set_s: () => total };
}
