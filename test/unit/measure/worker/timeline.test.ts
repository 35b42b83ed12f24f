import { expect, test } from 'vitest';
import { timeline } from '../../../../plugins/nx-study/src/measure/worker/timeline.ts';

test('phases begin and last by the times of events', () => {
  const events = timeline();
  events.add({ event: 'phase', phase: 'loading', t: 1000 });
  events.add({ event: 'phase', phase: 'measuring', t: 1004 });
  events.add({ event: 'heartbeat', t: 1010 });
  expect(events.phases()).toEqual([
    { phase: 'loading', start_s: 0, elapsed_s: 4 },
    { phase: 'measuring', start_s: 4, elapsed_s: 6 },
  ]);
});

test('times of a clock that was set meanwhile are no times', () => {
  const unknown = [
    { phase: 'loading', start_s: null, elapsed_s: null },
    { phase: 'measuring', start_s: null, elapsed_s: null },
  ];
  const back = timeline();
  back.add({ event: 'phase', phase: 'loading', t: 1000 });
  back.add({ event: 'heartbeat', t: 1010 });
  back.add({ event: 'phase', phase: 'measuring', t: 1004 });
  expect(back.phases()).toEqual(unknown);

  const forward = timeline();
  forward.add({ event: 'phase', phase: 'loading', t: 1000 });
  forward.add({ event: 'phase', phase: 'measuring', t: 4600 });
  expect(forward.phases({ isClockSet: true })).toEqual(unknown);
});
