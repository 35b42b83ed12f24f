import type { Estimator } from './estimate.ts';
import type { Row } from './rows.ts';
import type { Running, Status } from './schema.ts';
import type { KnownWave } from './waves.ts';

/** What is still to be measured: by the executors that go on, else by the next run. */
export function remainingRows(rows: readonly Row[], waves: readonly KnownWave[], running: Running | null): Row[] {
  const toDo = rows.filter((row) => row.toDo);
  if (waves.length === 0) return toDo;
  // What failed in this run is not tried again by it.
  const began = waves.map(({ run_began_at }) => run_began_at).toSorted()[0]!;
  const open = toDo.filter(({ failed_at }) => failed_at === null || failed_at < began);
  const most = waves.map(({ end, tasks, ended, supervisor }) =>
    end ? end.left : tasks - ended.size - (running?.supervisor.pid === supervisor.pid ? 1 : 0),
  );
  return open.slice(0, Math.max(0, ...most));
}

/** How long that takes. */
export function timeLeft(remaining: readonly Row[], running: Running | null, estimate: Estimator): Status['left'] {
  const sum = { expected_s: 0, low_s: 0, high_s: 0 };
  let known = 0;
  let without_estimate = 0;
  for (const { planned } of remaining) {
    const one = estimate(planned);
    if (one === null) {
      without_estimate += 1;
      continue;
    }
    known += 1;
    sum.expected_s += one.median_s;
    sum.low_s += one.low_s;
    sum.high_s += one.high_s;
  }
  if (running?.usual) {
    const { usual, elapsed_s, left_s } = running;
    known += 1;
    sum.expected_s += left_s ?? 0;
    sum.low_s += Math.max(0, usual.low_s - elapsed_s);
    sum.high_s += Math.max(left_s ?? 0, usual.high_s - elapsed_s);
  } else if (running) without_estimate += 1;
  return {
    measurements: remaining.length + (running ? 1 : 0),
    measuring: known === 0 ? null : sum,
    without_estimate,
    gaps_s: remaining.reduce((total, { planned }) => total + planned.gap.min_s, 0),
  };
}
