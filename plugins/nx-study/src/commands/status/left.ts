import { gapsOf } from '../../state/gaps.ts';
import type { Estimator } from './estimate.ts';
import type { Planned } from './plan.ts';
import { failedAt, isToDo } from './rows.ts';
import type { Row } from './rows.ts';
import type { Running, Status } from './schema.ts';
import type { KnownBatch } from './batches.ts';

/** What is still to be started: by the executors that go on, else by the next run. */
export function remainingRows(rows: readonly Row[], batches: readonly KnownBatch[], runningPid: number | null): Row[] {
  const toDo = rows.filter(isToDo);
  if (batches.length === 0) return toDo;
  // What failed in this run is not tried again by it.
  const began = batches.map(({ run_began_at }) => run_began_at).toSorted()[0]!;
  const open = toDo.filter((row) => (failedAt(row) ?? '') < began);
  const most = batches.map(({ end, tasks, ended, supervisor }) =>
    end ? end.left : tasks - ended.size - (runningPid === supervisor.pid ? 1 : 0),
  );
  return open.slice(0, Math.max(0, ...most));
}

/** How long that takes. */
export function timeOf(remaining: readonly Row[], estimate: Estimator): Status['left'] {
  const sum = { expected_s: 0, low_s: 0, high_s: 0 };
  let unknown = 0;
  for (const { planned } of remaining) {
    const one = estimate(planned);
    if (one === null) unknown += 1;
    else {
      sum.expected_s += one.median_s;
      sum.low_s += one.low_s;
      sum.high_s += one.high_s;
    }
  }
  return {
    measurements: remaining.length,
    measuring: unknown === remaining.length ? null : sum,
    without_estimate: unknown,
    gaps_s: gapsBefore(remaining.map(({ planned }) => planned)),
  };
}

/** The one before the first of them, too. */
function gapsBefore(planned: Planned[]): number {
  const [first] = planned;
  return first === undefined ? 0 : first.gap.min_s + gapsOf(planned, first.gap).gaps_s;
}

/** The same with what the running measurement still takes. */
export function withRunning(left: Status['left'], running: Running | null): Status['left'] {
  if (running === null) return left;
  const measurements = left.measurements + 1;
  const { usual, elapsed_s, left_s } = running;
  if (usual === null) return { ...left, measurements, without_estimate: left.without_estimate + 1 };
  const rest = left.measuring ?? { expected_s: 0, low_s: 0, high_s: 0 };
  const expected_s = left_s ?? 0;
  const measuring = {
    expected_s: rest.expected_s + expected_s,
    low_s: rest.low_s + Math.max(0, usual.low_s - elapsed_s),
    high_s: rest.high_s + Math.max(expected_s, usual.high_s - elapsed_s),
  };
  return { ...left, measurements, measuring };
}
