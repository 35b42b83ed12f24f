import { closeSync, fstatSync } from 'node:fs';
import { tried } from '../../base/errno.ts';
import { openRegularSync } from '../../machine/regular-file.ts';
import { readRange } from '../../record/journal-reader.ts';
import { eventSchema } from '../../worker/events.ts';
import type { WorkerEvent } from '../../worker/events.ts';

type ProgressEvent = Extract<WorkerEvent, { event: 'progress' }>;

/** Where a worker stands, by the end of its events file. */
export interface WorkerProgress {
  phase: string | null;
  progress: ProgressEvent | null;
  rate_per_s: number | null;
  /** Unix time, s, of its last event; null when there was none. */
  last_t: number | null;
  beats: boolean;
}

// Hundreds of events; of a flood between two readings only the end is read.
const TAIL_BYTES = 64 << 10;
// So far back for the phase, when the tail has progress only.
const PHASE_BYTES = 4 << 20;
const RATE_WINDOW_S = 30;

/** Follows the events of a running worker, reading little however much there is. */
export function followEvents(file: string): { look(): WorkerProgress } {
  let position = 0;
  let phase: { name: string; since: number } | null = null;
  let window: ProgressEvent[] = [];
  let last_t: number | null = null;
  let beats = false;

  const add = (event: WorkerEvent) => {
    last_t = Math.max(last_t ?? event.t, event.t);
    if (event.event === 'heartbeat') beats = true;
    if (event.event === 'phase') {
      phase = { name: event.phase, since: event.t };
      window = [];
    }
    if (event.event === 'progress') window = [...window.filter(({ t }) => event.t - t <= RATE_WINDOW_S), event];
  };
  const read = () => {
    const fd = tried(() => openRegularSync(file));
    if (fd === null) return;
    try {
      const { size } = fstatSync(fd);
      const from = Math.max(position, size - TAIL_BYTES);
      const bytes = readRange(fd, from, size);
      const start = from === position ? 0 : bytes.indexOf('\n') + 1;
      const end = bytes.lastIndexOf('\n') + 1;
      if (from > position) {
        const before = readRange(fd, Math.max(position, size - PHASE_BYTES), from + start);
        const found = lastPhase(before.toString('utf8'));
        if (found) add(found);
      }
      position = Math.max(position, from + end);
      for (const line of bytes.toString('utf8', start, Math.max(start, end)).split('\n')) {
        const event = parse(line);
        if (event) add(event);
      }
    } finally {
      closeSync(fd);
    }
  };
  return {
    look() {
      read();
      const progress = window.at(-1) ?? null;
      return { phase: phase?.name ?? null, progress, rate_per_s: rateOf(window, phase), last_t, beats };
    },
  };
}

/** Over the last seconds of the phase; from its begin when there was one event only. */
function rateOf(window: ProgressEvent[], phase: { since: number } | null): number | null {
  const last = window.at(-1);
  const first = window[0];
  if (!last || !first) return null;
  if (last.t > first.t && last.done > first.done) return (last.done - first.done) / (last.t - first.t);
  return phase && last.t > phase.since && last.done > 0 ? last.done / (last.t - phase.since) : null;
}

function lastPhase(text: string): WorkerEvent | null {
  const line = text.split('\n').findLast((one) => one.includes('"phase"'));
  const event = line === undefined ? null : parse(line);
  return event?.event === 'phase' ? event : null;
}

function parse(line: string): WorkerEvent | null {
  if (line === '') return null;
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
