import { describe, expect, it } from 'vitest';
import { showProgress } from '../../../../plugins/nx-study/src/measure/worker/progress.ts';
import { aTask } from '../task.ts';

describe('progress lines', () => {
  function lines(script: (progress: ReturnType<typeof showProgress>, wait: (s: number) => void) => void): string[] {
    const printed: string[] = [];
    let clock = 100;
    const progress = showProgress(
      aTask({ index: 1, of: 12, label: 'normal' }),
      (line) => printed.push(line),
      () => clock,
    );
    script(progress, (seconds) => {
      clock += seconds;
      progress.tick();
    });
    return printed;
  }

  it('say phase, done, total, rest and time, and not too often', () => {
    const printed = lines((progress, wait) => {
      progress.event({ t: 0, event: 'phase', phase: 'sampling' });
      wait(4);
      progress.event({ t: 4, event: 'progress', done: 1000, total: 4000, unit: 'draws', detail: { divergences: 2 } });
      wait(6);
      wait(1);
      wait(1);
    });
    expect(printed).toEqual([
      '[ 2/12] s normal: sampling 1,000/4,000 draws, 2 divergences, about 30 s left, 10 s elapsed',
    ]);
  });

  it('say when there is no total, and when nothing was heard', () => {
    const printed = lines((progress, wait) => {
      wait(6);
      progress.event({ t: 6, event: 'phase', phase: 'loading' });
      wait(16);
      progress.event({ t: 22, event: 'progress', done: 3.25, total: null, unit: 'GB' });
      wait(16);
    });
    expect(printed).toEqual([
      '[ 2/12] s normal: starting, 6.0 s elapsed',
      '[ 2/12] s normal: loading, 22 s elapsed',
      '[ 2/12] s normal: loading 3.3 GB, 38 s elapsed',
    ]);
  });

  it('show warnings at once', () => {
    const printed = lines((progress) => progress.event({ t: 0, event: 'warning', code: 'w', message: 'mind the gap' }));
    expect(printed).toEqual(['[ 2/12] s normal: warning: mind the gap']);
  });
});
