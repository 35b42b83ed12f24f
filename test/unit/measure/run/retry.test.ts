import { expect, it } from 'vitest';
import { outerFailure } from '../../../../plugins/nx-study/src/state/failures.ts';
import { withRetries } from '../../../../plugins/nx-study/src/measure/run/retry.ts';
import type { Stop } from '../../../../plugins/nx-study/src/measure/batch/stop.ts';
import type { FailureType } from '../../../../plugins/nx-study/src/record/schema.ts';
import { aTask } from '../task.ts';

const { execution } = aTask();
const patient = aTask({ execution: { ...execution, retry: { times: 2, on: ['crash', 'stalled'] } } });

/** Runs attempts that end so, one after another, the last one again and again; returns how many there were. */
async function attemptsOf(task: typeof patient, endings: (FailureType | null)[], more: { survivors?: number[] } = {}) {
  const stop = new AbortController();
  let attempts = 0;
  const measure = async () => {
    const type = endings[Math.min(attempts, endings.length - 1)]!;
    attempts += 1;
    if (type === 'interrupted') stop.abort();
    return { failure: type && outerFailure(type, `attempt ${attempts}`), ...more };
  };
  const runStart = new Date(Date.now() - 60_000);
  const batch = { stop: { signal: stop.signal } as Stop, print: () => {}, workspaceRoot: '/nonexistent', runStart };
  const { failure } = await withRetries(batch, task, measure);
  return `${attempts}: ${failure?.message ?? 'measured'}`;
}

it('tries as often as the study says, and the last attempt stands', async () => {
  expect(await attemptsOf(patient, ['crash', null])).toBe('2: measured');
  expect(await attemptsOf(patient, ['crash', 'stalled', 'crash', null])).toBe('3: attempt 3');
});

it('tries once where nothing is said, and after a failure of another type', async () => {
  expect(await attemptsOf(aTask(), ['crash'])).toBe('1: attempt 1');
  expect(await attemptsOf(patient, ['oom'])).toBe('1: attempt 1');
  expect(await attemptsOf(patient, ['crash', 'timeout'])).toBe('2: attempt 2');
});

it('does not try again when the time of the run is over', async () => {
  const short = { ...patient.execution, budget_s: 30 };
  expect(await attemptsOf({ ...patient, execution: short }, ['crash'])).toBe('1: attempt 1');
});

it('does not try again what must fail, what was stopped, or beside processes that live on', async () => {
  expect(await attemptsOf({ ...patient, expect: 'failed' }, ['crash'])).toBe('1: attempt 1');
  const always = { ...execution, retry: { times: 2, on: ['interrupted' as const] } };
  expect(await attemptsOf({ ...patient, execution: always }, ['interrupted'])).toBe('1: attempt 1');
  expect(await attemptsOf(patient, ['crash'], { survivors: [7] })).toBe('1: attempt 1');
});
