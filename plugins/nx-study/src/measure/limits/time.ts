import { limitTexts } from './texts.ts';
import type { Finding } from '../../record/schema.ts';
import type { Breach, Running, Watcher } from '../watch/watcher.ts';

export interface TimeLimits {
  /** Seconds for the whole measurement, and where the limit comes from; null is no limit. */
  total: { limit_s: number; source: 'study' | 'history' | 'work' } | null;
  /** Seconds for single phases. */
  phases: Record<string, number>;
  /** Seconds without any event; null leaves it to whether the worker sends heartbeats. */
  stalled_s: number | null;
  /** Seconds after which a line is printed that it takes long; null when nothing is known. */
  usual_s: number | null;
}

/** A worker that has sent a heartbeat has promised to go on; native code may keep the interpreter's lock for minutes. */
export const STALLED_AFTER_HEARTBEAT_S = 1800;

export interface TimeWatcher extends Watcher {
  findings(): Finding[];
}

/** Ends a worker that takes too long, as a whole or in a phase, or that has fallen silent; seconds of `now`. */
export function watchTime(
  limits: TimeLimits,
  print: (line: string) => void,
  now = () => performance.now() / 1000,
): TimeWatcher {
  const begin = now();
  let running: Running | null = null;
  let phase: { name: string; since: number } | null = null;
  let lastEvent = begin;
  let beats = false;
  let isComplete = false;
  let slow: Finding | null = null;

  const breach = (): Breach | null => {
    const at = now();
    const name = phase?.name ?? null;
    if (limits.total !== null && at - begin > limits.total.limit_s)
      return { type: 'timeout', message: limitTexts.timeout(limits.total, name) };
    const most = name === null ? undefined : limits.phases[name];
    if (phase !== null && most !== undefined && at - phase.since > most)
      return { type: 'timeout', message: limitTexts.phaseTimeout(most, phase.name) };
    const silence_s = limits.stalled_s ?? (beats ? STALLED_AFTER_HEARTBEAT_S : null);
    if (silence_s !== null && at - lastEvent > silence_s)
      return { type: 'stalled', message: limitTexts.stalled(silence_s, name) };
    return null;
  };
  return {
    started(it) {
      running = it;
    },
    event(event) {
      lastEvent = now();
      if (event.event === 'heartbeat') beats = true;
      if (event.event === 'phase' && event.phase !== phase?.name) phase = { name: event.phase, since: lastEvent };
    },
    tick() {
      if (isComplete) return;
      if (slow === null && limits.usual_s !== null && now() - begin > limits.usual_s) {
        slow = { code: 'slower-than-usual', message: limitTexts.slow(limits.usual_s) };
        print(slow.message);
      }
      const found = breach();
      if (found) running?.end(found);
    },
    complete() {
      isComplete = true;
    },
    findings: () => (slow ? [slow] : []),
  };
}
