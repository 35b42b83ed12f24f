import type { Finding, Phase } from '../record/schema.ts';
import type { WorkerEvent } from '../worker/events.ts';

type FailureEvent = Extract<WorkerEvent, { event: 'failure' }>;

/** What a worker's events say about its course. */
export interface Timeline {
  add(event: WorkerEvent): void;
  /** Seconds since the worker's first event. */
  phases(): Phase[];
  lastPhase(): string | null;
  warnings(): Finding[];
  failure(): FailureEvent | null;
}

export function timeline(): Timeline {
  const phases: { phase: string; t: number }[] = [];
  const warnings: Finding[] = [];
  let failure: FailureEvent | null = null;
  let first: number | null = null;
  let last = 0;
  return {
    add(event) {
      first ??= event.t;
      last = Math.max(last, event.t);
      if (event.event === 'phase') phases.push({ phase: event.phase, t: event.t });
      if (event.event === 'warning') warnings.push({ code: event.code, message: event.message });
      if (event.event === 'failure') failure = event;
    },
    phases: () =>
      phases.map(({ phase, t }, index) => ({
        phase,
        start_s: t - (first ?? t),
        elapsed_s: (phases[index + 1]?.t ?? last) - t,
      })),
    lastPhase: () => phases.at(-1)?.phase ?? null,
    warnings: () => warnings,
    failure: () => failure,
  };
}
