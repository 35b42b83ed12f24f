import type { Estimate } from '../../state/estimate.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import type { WorkerProgress } from './events.ts';
import type { Running } from './schema.ts';

interface Known {
  /** From 1, in the plan; null when the plan doesn't contain it. */
  position: number | null;
  usual: Estimate | null;
  now: number;
}

// Kits send a heartbeat every 10 s.
const STALE_S = 60;

/** What is known of a running measurement. */
export function runningOf(
  { id, label, repetition, attempt, started_at, supervisor }: MeasurementRecord,
  { phase, progress, rate_per_s, last_t, beats }: WorkerProgress,
  { position, usual, now }: Known,
): Running {
  const elapsed_s = Math.max(0, (now - Date.parse(started_at)) / 1000);
  const silent_s = last_t === null ? null : Math.max(0, now / 1000 - last_t);
  const phase_left_s = phaseLeft(progress, rate_per_s, silent_s);
  const usual_left_s = usual && Math.max(0, usual.median_s - elapsed_s);
  return {
    id,
    label,
    repetition,
    position,
    attempt,
    started_at,
    elapsed_s,
    phase,
    progress: progress && { done: progress.done, total: progress.total, unit: progress.unit },
    rate_per_s,
    phase_left_s,
    usual: usual && { expected_s: usual.median_s, low_s: usual.low_s, high_s: usual.high_s, from: usual.from },
    left_s: usual_left_s === null ? null : Math.max(usual_left_s, phase_left_s ?? 0),
    silent_s,
    stale: beats && silent_s !== null && silent_s > STALE_S,
    supervisor,
  };
}

function phaseLeft(
  progress: WorkerProgress['progress'],
  rate_per_s: number | null,
  silent_s: number | null,
): number | null {
  if (progress === null || progress.total === null || rate_per_s === null || rate_per_s <= 0) return null;
  const left = (progress.total - progress.done) / rate_per_s;
  return Math.max(0, left - (silent_s ?? 0));
}
