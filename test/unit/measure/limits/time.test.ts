import { expect, test } from 'vitest';
import { STALLED_AFTER_HEARTBEAT_S, watchTime } from '../../../../plugins/nx-study/src/measure/limits/time.ts';
import type { TimeLimits } from '../../../../plugins/nx-study/src/measure/limits/time.ts';
import type { Breach } from '../../../../plugins/nx-study/src/measure/watch/watcher.ts';

const none: TimeLimits = { total: null, phases: {}, stalled_s: null, usual_s: null };

/** A watched worker on a clock that a test turns. */
function watched(limits: Partial<TimeLimits>) {
  let clock = 1000;
  const printed: string[] = [];
  const breaches: Breach[] = [];
  const watcher = watchTime(
    { ...none, ...limits },
    (line) => printed.push(line),
    () => clock,
  );
  watcher.started!({ pid: 1, token: 't', end: (breach) => breaches.push(breach) });
  return {
    watcher,
    printed,
    phase: (phase: string) => watcher.event!({ t: clock, event: 'phase', phase }),
    beat: () => watcher.event!({ t: clock, event: 'heartbeat' }),
    /** What a look after so many seconds says. */
    after(seconds: number) {
      clock += seconds;
      breaches.length = 0;
      watcher.tick!();
      return breaches[0] ? `${breaches[0].type}: ${breaches[0].message}` : null;
    },
  };
}

test('a limit of the whole names its phase, and who set it', () => {
  const { after, phase } = watched({ total: { limit_s: 60, source: 'study' } });
  phase('loading');
  expect(after(60)).toBeNull();
  expect(after(1)).toBe('timeout: took longer than 60 s in phase "loading"');
  const old = watched({ total: { limit_s: 600, source: 'history' } });
  expect(old.after(601)).toBe('timeout: took longer than 600 s, ten times as long as it ever did');
});

test('a phase has its own clock', () => {
  const { after, phase } = watched({ phases: { loading: 10 } });
  phase('importing');
  expect(after(100)).toBeNull();
  phase('loading');
  expect(after(10)).toBeNull();
  expect(after(1)).toBe('timeout: took longer than 10 s in phase "loading"');
  phase('measuring');
  expect(after(100)).toBeNull();
});

test('silence is a stall only where somebody said so, or heartbeats were promised', () => {
  const { after, beat } = watched({});
  expect(after(1e6)).toBeNull();
  beat();
  expect(after(STALLED_AFTER_HEARTBEAT_S)).toBeNull();
  expect(after(1)).toBe('stalled: sent no event for 1800 s');
  const strict = watched({ stalled_s: 5 });
  expect(strict.after(5)).toBeNull();
  expect(strict.after(1)).toBe('stalled: sent no event for 5 s');
  strict.phase('measuring');
  expect(strict.after(5)).toBeNull();
});

test('who is slower than usual is told of once, and flagged', () => {
  const { after, printed, watcher } = watched({ usual_s: 30 });
  expect(after(30)).toBeNull();
  expect(watcher.findings()).toEqual([]);
  after(1);
  after(1);
  expect(printed).toEqual(['takes longer than 30 s, three times what it usually takes']);
  expect(watcher.findings()).toEqual([{ code: 'slower-than-usual', message: printed[0] }]);
});

test('after the result only the teardown has a limit', () => {
  const { after, watcher } = watched({ total: { limit_s: 60, source: 'study' }, stalled_s: 5 });
  watcher.complete!();
  expect(after(1000)).toBeNull();
});
