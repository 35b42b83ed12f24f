import { duration } from '../../base/duration.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { WorkerEvent } from '../../worker/events.ts';
import { prefixOf } from '../batch/prefix.ts';

/** Where a running measurement stands, as lines for a person: at each change of phase, and from time to time. */
export interface Progress {
  event(event: WorkerEvent): void;
  tick(): void;
}

const FIRST_LINE_S = 5;
const LINE_EVERY_S = 15;
const MOST_WARNINGS = 20;

let numbers: Intl.NumberFormat | undefined;

export function showProgress(
  task: MeasureTask,
  print: (line: string) => void,
  now = () => performance.now() / 1000,
): Progress {
  const begin = now();
  let phase: { name: string; since: number } | null = null;
  let latest: Extract<WorkerEvent, { event: 'progress' }> | null = null;
  let nextLine = begin + FIRST_LINE_S;
  let warnings = 0;
  // Made before the first worker starts: it loads tables for 10 ms.
  numbers ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
  const count = (value: number) => numbers!.format(value);

  const printLine = () => {
    print(
      `${prefixOf(task)}: ${[...standing(phase, latest, now(), count), `${duration(now() - begin)} elapsed`].join(', ')}`,
    );
    nextLine = now() + LINE_EVERY_S;
  };
  return {
    event(event) {
      if (event.event === 'warning' && (warnings += 1) <= MOST_WARNINGS)
        print(`${prefixOf(task)}: warning: ${event.message}`);
      if (event.event === 'progress') latest = event;
      if (event.event !== 'phase' || event.phase === phase?.name) return;
      phase = { name: event.phase, since: now() };
      latest = null;
    },
    tick() {
      if (now() >= nextLine) printLine();
    },
  };
}

type LatestProgress = Extract<WorkerEvent, { event: 'progress' }> | null;

function standing(
  phase: { name: string; since: number } | null,
  progress: LatestProgress,
  now: number,
  count: (value: number) => string,
): string[] {
  if (!phase) return ['starting'];
  if (!progress) return [phase.name];
  const { done, total, unit, detail } = progress;
  const divergences = detail?.['divergences'];
  const parts = [`${phase.name} ${count(done)}${total === null ? '' : `/${count(total)}`} ${unit}`];
  if (typeof divergences === 'number' && divergences > 0) parts.push(`${divergences} divergences`);
  if (total !== null && done > 0 && done < total)
    parts.push(`about ${duration(((now - phase.since) / done) * (total - done))} left`);
  return parts;
}
