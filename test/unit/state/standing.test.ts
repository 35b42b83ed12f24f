import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  Identity,
  Failure,
  MeasurementRecord,
  MemoryComparison,
} from '../../../plugins/nx-study/src/record/schema.ts';
import { knownSoFar } from '../../../plugins/nx-study/src/state/known.ts';
import type { Known } from '../../../plugins/nx-study/src/state/known.ts';
import { standingOf } from '../../../plugins/nx-study/src/state/standing.ts';
import { switchesNow } from '../../../plugins/nx-study/src/state/switches.ts';
import { aTask } from '../measure/task.ts';

const task = aTask();
const need: MemoryComparison = {
  estimate_bytes: 100,
  gpus: 0,
  terms: [],
  omitted: [],
  available_bytes: 50,
  bound: 'free',
};
const now = (bytes: number) => ({ host: { bytes, bound: 'free' }, gpus: [] });

/** Where a measurement stands whose last attempt failed so. */
function standing(
  type: Failure['type'],
  free: number,
  more: Partial<MeasurementRecord> = {},
  directory = '/nowhere/001',
) {
  const { id, study, digest, label, repetition } = task;
  const plain = { id, study, digest, label, repetition, outcome: 'failed', started_at: '2026-01-01', files: [] };
  const told = {
    memory: need,
    accepted: null,
    retry_requested_at: null,
    larger_than: null,
    allowance: { cpus: 1, memory_bytes: null },
    ...more,
  };
  const record = { ...plain, failure: { type, message: 'so it was' }, ...told } as unknown as MeasurementRecord;
  const stored = { directory, record, result: null, derived: null };
  const known: Known = knownSoFar({
    task,
    own: { state: 'absent' },
    deriving: null,
    ...(directory.endsWith('.partial') ? { unfinished: [{ stored, supervisor: 'gone' }] } : { failed: [stored] }),
    memory: now(free),
    switches: switchesNow(),
    identity: {} as Identity,
  });
  const { next, why } = standingOf(known);
  return { next, why };
}

afterEach(() => void vi.unstubAllEnvs());

describe('what the next run does after a failure', () => {
  it('final ones are only reported, unless they are to be tried again', () => {
    for (const type of ['oom', 'unsupported', 'too-large'] as const) {
      const next = type === 'too-large' ? 'too-large' : 'final';
      expect(standing(type, 50)).toEqual({ next, why: `not tried again after ${type}: so it was` });
      vi.stubEnv('NX_STUDY_RETRY', '1');
      expect(standing(type, 50)).toEqual({ next: 'measure', why: `tried before, ${type}: so it was` });
      vi.stubEnv('NX_STUDY_RETRY', '0');
    }
    expect(standing('crash', 50).next).toBe('measure');
  });

  it('what was too large starts once there is memory, or when that is to be ignored; what ran out of it does not', () => {
    expect(standing('too-large', 100).next).toBe('measure');
    vi.stubEnv('NX_STUDY_IGNORE_MEMORY', '1');
    expect(standing('too-large', 50).next).toBe('measure');
    expect(standing('oom', 50).next).toBe('final');
  });

  it('what was put aside or did not come to an end is measured', () => {
    const measured = { outcome: 'measured', failure: null } as const;
    expect(standing('crash', 50, measured, '/nowhere/002')).toEqual({
      next: 'measure',
      why: 'what was measured did not count any more, and was put aside',
    });
    const running = { outcome: 'running', failure: null } as const;
    expect(standing('crash', 50, running, '/nowhere/0.here@b@1.partial').why).toBe(
      'its last attempt did not come to an end',
    );
  });

  it('what somebody asked for runs, and so does what was larger than one that is out of memory no longer', () => {
    const lifted = { retry_requested_at: '2026-01-02T00:00:00Z' };
    expect(standing('oom', 50, lifted)).toEqual({
      next: 'measure',
      why: expect.stringContaining('retry requested'),
    });
    expect(standing('too-large', 50, lifted).next).toBe('measure');
    expect(standing('too-large', 50, { memory: null, larger_than: 'another' }).next).toBe('measure');
  });
});
