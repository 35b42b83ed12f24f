import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  Identity,
  Failure,
  MeasurementRecord,
  MemoryNeed,
} from '../../../../plugins/nx-study/src/record/schema.ts';
import { historyOf, standingOf } from '../../../../plugins/nx-study/src/commands/plan/states.ts';
import { aTask } from '../../measure/task.ts';

const task = aTask();
const need: MemoryNeed = { need_bytes: 100, gpus: 0, terms: [], omitted: [], available_bytes: 50, bound: 'free' };
const now = (bytes: number) => ({ host: { bytes, bound: 'free' }, gpus: [] });

/** Where a measurement stands whose last attempt failed so. */
async function standing(
  type: Failure['type'],
  free: number,
  more: Partial<MeasurementRecord> = {},
  directory = '/nowhere/001',
) {
  const { id, study, digest, label, repetition } = task;
  const known = { id, study, digest, label, repetition, outcome: 'failed', started_at: '2026-01-01', files: [] };
  const told = {
    memory: need,
    accepted: null,
    retry_requested_at: null,
    larger_than: null,
    allowance: { cpus: 1, memory_bytes: null },
    ...more,
  };
  const record = { ...known, failure: { type, message: 'so it was' }, ...told } as unknown as MeasurementRecord;
  const stored = [{ directory, record, result: null, derived: null }];
  const history = historyOf({ stored, unusable: [] }, study, new Set([id]));
  return standingOf({ task, identity: {} as Identity }, history, null, now(free));
}

afterEach(() => void vi.unstubAllEnvs());

describe('what the next run does after a failure', () => {
  it('settled ones are only reported, unless they are to be tried again', async () => {
    for (const type of ['oom', 'unsupported', 'too-large'] as const) {
      expect(await standing(type, 50)).toEqual({ next: 'settled', why: `not tried again after ${type}: so it was` });
      vi.stubEnv('NX_STUDY_RETRY', '1');
      expect(await standing(type, 50)).toEqual({ next: 'measure', why: `tried before, ${type}: so it was` });
      vi.stubEnv('NX_STUDY_RETRY', '0');
    }
    expect((await standing('crash', 50)).next).toBe('measure');
  });

  it('what was too large starts once there is memory, or when that is to be ignored; what ran out of it does not', async () => {
    expect((await standing('too-large', 100)).next).toBe('measure');
    vi.stubEnv('NX_STUDY_IGNORE_MEMORY', '1');
    expect((await standing('too-large', 50)).next).toBe('measure');
    expect((await standing('oom', 50)).next).toBe('settled');
  });

  it('what lies in a folder that is none of a measurement is no change', async () => {
    const measured = { outcome: 'measured', failure: null } as const;
    expect(await standing('crash', 50, measured, '/nowhere/copy')).toEqual({
      next: 'measure',
      why: 'what was measured did not count any more, and was put aside',
    });
    const elsewhere = { outcome: 'running', failure: null } as const;
    expect((await standing('crash', 50, elsewhere, '/nowhere/0.other@b@1.partial')).why).toBe('first time');
  });

  it('what somebody asked for runs, and so does what was larger than one that is out of memory no longer', async () => {
    const retry = { retry_requested_at: '2026-01-02T00:00:00Z' };
    expect(await standing('oom', 50, retry)).toEqual({
      next: 'measure',
      why: expect.stringContaining('asked for again'),
    });
    expect((await standing('too-large', 50, retry)).next).toBe('measure');
    expect((await standing('too-large', 50, { memory: null, larger_than: 'another' })).next).toBe('measure');
  });
});
