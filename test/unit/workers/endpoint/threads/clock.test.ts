import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { offset_s, origin_ns } from '../../../../../workers/endpoint/src/threads/clock.ts';

const LOOKS = 200;

test('two looks at one clock agree to a microsecond', () => {
  const origins = Array.from({ length: 20 }, () => origin_ns());
  for (const one of origins) expect(Math.abs(offset_s(one, origins[0]!))).toBeLessThan(1e-6);
});

test(
  "a time of another clock lies between what was before and after it on one's own",
  { timeout: 20_000 },
  async () => {
    // A process, as all threads of some versions of Node have the same clock.
    const other = fork(join(import.meta.dirname, 'other-clock.ts'), { execArgv: ['--import', 'tsx'] });
    onTestFinished(() => void other.kill());
    const [text] = (await once(other, 'message')) as [string];
    const ahead_s = offset_s(BigInt(text), origin_ns());
    // Loading it took a while.
    expect(ahead_s).toBeGreaterThan(0.01);
    let [earliest_s, latest_s] = [-Infinity, Infinity];
    for (let look = 0; look < LOOKS; look += 1) {
      const before_s = performance.now() / 1000;
      other.send('now');
      const [now_s] = (await once(other, 'message')) as [number];
      const after_s = performance.now() / 1000;
      earliest_s = Math.max(earliest_s, before_s - now_s);
      latest_s = Math.min(latest_s, after_s - now_s);
    }
    // It is neither early nor late: the narrowest exchange bounds it from both sides.
    expect(ahead_s).toBeGreaterThan(earliest_s - 1e-6);
    expect(ahead_s).toBeLessThan(latest_s + 1e-6);
  },
);
