import { endingFindings } from './texts.ts';
import type { Finding, Phase } from '../../record/schema.ts';
import type { WorkerEvent } from '../../worker/events.ts';

type FailureEvent = Extract<WorkerEvent, { event: 'failure' }>;

/** The course of a worker, by its events. */
export interface Timeline {
  add(event: WorkerEvent): void;
  /** Seconds since the worker's first event; null where the clock that workers tell the time by was set meanwhile. */
  phases(known?: { isClockSet: boolean }): Phase[];
  lastPhase(): string | null;
  warnings(): Finding[];
  failure(): FailureEvent | null;
}

const MOST_KEPT = 100;
// Threads and processes of a worker write as they come.
const OUT_OF_ORDER_S = 1;

export function timeline(): Timeline {
  const phases: { phase: string; t: number }[] = [];
  const warnings: Finding[] = [];
  let dropped = 0;
  let failure: FailureEvent | null = null;
  let first: number | null = null;
  let last = 0;
  let wentBack = false;
  let lastPhase: string | null = null;

  const keep = <T>(list: T[], item: T) => {
    if (list.length < MOST_KEPT) list.push(item);
    else dropped += 1;
  };
  return {
    add(event) {
      first ??= event.t;
      if (event.t < last - OUT_OF_ORDER_S) wentBack = true;
      last = Math.max(last, event.t);
      if (event.event === 'phase') {
        lastPhase = event.phase;
        keep(phases, { phase: event.phase, t: event.t });
      }
      if (event.event === 'warning') keep(warnings, { code: event.code, message: event.message });
      if (event.event === 'failure') failure = event;
    },
    phases: ({ isClockSet } = { isClockSet: false }) =>
      phases.map(({ phase, t }, index) =>
        isClockSet || wentBack
          ? { phase, start_s: null, elapsed_s: null }
          : { phase, start_s: t - (first ?? t), elapsed_s: (phases[index + 1]?.t ?? last) - t },
      ),
    lastPhase: () => lastPhase,
    warnings: () => (dropped === 0 ? warnings : [...warnings, endingFindings.eventsDropped(dropped)]),
    failure: () => failure,
  };
}
