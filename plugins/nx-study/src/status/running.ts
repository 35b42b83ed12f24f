import type { Estimator } from './estimate.ts';
import type { Standing } from './events.ts';
import type { Planned } from './plan.ts';
import type { RunningAttempt } from './rows.ts';
import type { Running } from './schema.ts';

// Kits send a heartbeat every 10 s.
const STALE_S = 60;

/** What is known of a running measurement. */
export function runningOf(
  { record }: RunningAttempt,
  { phase, progress, rate_per_s, last_t, beats }: Standing,
  plan: readonly Planned[],
  estimate: Estimator,
  now: number,
): Running {
  const index = plan.findIndex(({ id }) => id === record.id);
  const usual = index === -1 ? null : estimate(plan[index]!);
  const elapsed_s = Math.max(0, (now - Date.parse(record.started_at)) / 1000);
  const silent_s = last_t === null ? null : Math.max(0, now / 1000 - last_t);
  const phase_left_s = phaseLeft(progress, rate_per_s, silent_s);
  const usual_left_s = usual && Math.max(0, usual.median_s - elapsed_s);
  return {
    id: record.id,
    label: record.label,
    repetition: record.repetition,
    position: index === -1 ? null : index + 1,
    attempt: record.attempt,
    started_at: record.started_at,
    elapsed_s,
    phase,
    progress: progress && { done: progress.done, total: progress.total, unit: progress.unit },
    rate_per_s,
    phase_left_s,
    usual: usual && {
      expected_s: usual.median_s,
      low_s: usual.low_s,
      high_s: usual.high_s,
      from: usual.from,
    },
    left_s: usual_left_s === null ? null : Math.max(usual_left_s, phase_left_s ?? 0),
    silent_s,
    stale: beats && silent_s !== null && silent_s > STALE_S,
    supervisor: record.supervisor,
  };
}

function phaseLeft(progress: Standing['progress'], rate_per_s: number | null, silent_s: number | null): number | null {
  if (progress === null || progress.total === null || rate_per_s === null || rate_per_s <= 0) return null;
  const left = (progress.total - progress.done) / rate_per_s;
  return Math.max(0, left - (silent_s ?? 0));
}
