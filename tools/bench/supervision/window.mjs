import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTimes, machineTime } from './processes.mjs';

// What a worker took is in its parent's time as soon as it is gone: the window closes before.
const MARGIN_S = 0.3;

/**
 * Waits while a worker measures for so many seconds, and tells what ran meanwhile, in cores: those processes of its
 * supervision that `isMeant` chooses, and strangers.
 */
export async function watchDuring(seconds, worker, supervisors) {
  const sample = () => ({
    at: performance.now() / 1000,
    machine: machineTime(),
    worker: cpuTimes([worker]),
    supervisors: cpuTimes(supervisors()),
  });
  const before = sample();
  await sleep((seconds - MARGIN_S) * 1000);
  const after = sample();
  const cores = (time) => (time(after) - time(before)) / (after.at - before.at);
  return {
    cores: (isMeant, part = 'all') => cores(({ supervisors: times }) => sumOf(times, isMeant, part)),
    strangers: cores((one) => one.machine - sumOf(one.worker) - sumOf(one.supervisors)),
  };
}

const sumOf = (times, isMeant = () => true, part = 'all') =>
  [...times].reduce((sum, [pid, time]) => (isMeant(pid) ? sum + time[part] : sum), 0);
