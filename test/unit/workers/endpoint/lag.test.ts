import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { watchCpu, watchLag, worstOf } from '../../../../workers/endpoint/src/lag.ts';
import type { Lag } from '../../../../workers/endpoint/src/lag.ts';

/** Works for so long, however long others have the core meanwhile. */
function work(cpu_ms: number): void {
  for (const before = process.cpuUsage(); process.cpuUsage(before).user < 1000 * cpu_ms;);
}

test('a client that does not get to its appointments knows how late it was', async () => {
  const [stop, stopCpu] = [watchLag(), watchCpu()];
  await sleep(30);
  work(150);
  await sleep(30);
  const { max_s, p99_s, own_p99_s, appointments, busy_share, own_share } = stop();
  expect(max_s).toBeGreaterThan(0.1);
  expect(p99_s).toBe(max_s);
  expect(own_p99_s).toBeGreaterThan(0.1);
  expect(own_p99_s).toBeLessThanOrEqual(p99_s!);
  expect(own_share).toBeGreaterThan(0);
  expect(appointments).toBeGreaterThan(0);
  expect(stopCpu()).toBeGreaterThan(0);
  expect(busy_share).toBeGreaterThan(0.1);
  expect(busy_share).toBeLessThanOrEqual(1);
});

test('a delay while the client is stopped is none of its own work', async () => {
  const module = new URL('../../../../workers/endpoint/src/lag.ts', import.meta.url).href;
  const code = `
    const { watchLag } = await import(${JSON.stringify(module)});
    const stop = watchLag();
    process.stdout.write('watching');
    process.stdin.once('data', () => setTimeout(() => { process.stdout.write(JSON.stringify(stop())); process.exit(); }, 100));`;
  const child = execa('node', ['--import', 'tsx', '--input-type=module', '--eval', code], { stdin: 'pipe' });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  await sleep(1000);
  child.kill('SIGCONT');
  child.stdin.write('end');
  const { stdout } = await child;
  const { p99_s, own_p99_s, own_share } = JSON.parse(stdout.slice('watching'.length)) as Lag;
  expect(p99_s).toBeGreaterThan(0.9);
  expect(own_p99_s).toBeLessThan(0.3);
  expect(own_share).toBeLessThan(0.3);
});

test('own time is no more than the time with work, though another thread of the process works', async () => {
  vi.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: 4000 * performance.now(), system: 0 }));
  vi.doMock('node:fs', async (original) => ({
    ...(await original<typeof import('node:fs')>()),
    openSync: () => {
      throw new Error('no schedstat here');
    },
  }));
  vi.resetModules();
  onTestFinished(() => vi.doUnmock('node:fs'));
  onTestFinished(() => void vi.restoreAllMocks());
  const { watchLag: watch } = await import('../../../../workers/endpoint/src/lag.ts');
  const stop = watch();
  await sleep(60);
  const { busy_share, own_share } = stop();
  expect(busy_share).toBeLessThan(0.9);
  expect(own_share).toBe(busy_share);
});

test('without an appointment there is no lag, not one of 0', () => {
  expect(watchLag()()).toMatchObject({ mean_s: null, p99_s: null, max_s: null, appointments: 0 });
});

test('a client of several threads is as late as the worst of them', () => {
  const lag = (by: number): Lag => ({
    mean_s: by,
    p99_s: 2 * by,
    max_s: 3 * by,
    appointments: 100 * by,
    own_p99_s: 1.5 * by,
    busy_share: by,
    own_share: by / 2,
  });
  const none = {
    mean_s: null,
    p99_s: null,
    max_s: null,
    appointments: 0,
    own_p99_s: null,
    busy_share: 0,
    own_share: 0,
  };
  const [main, one, other] = [lag(0.25), lag(0.125), { ...lag(0.0625), busy_share: 0.75 }];
  expect(worstOf(main, [], 0.5)).toEqual({ ...main, cpu_share: 0.5, threads: 1, each: [] });
  expect(worstOf(one, [main, other], 1.5)).toEqual({
    mean_s: 0.25,
    p99_s: 0.5,
    max_s: 0.75,
    appointments: 6.25,
    own_p99_s: 0.375,
    busy_share: 0.75,
    own_share: 0.125,
    cpu_share: 1.5,
    threads: 2,
    each: [one, main, other],
  });
  expect(worstOf(none, [lag(0.25), none], 0)).toMatchObject({ mean_s: 0.25, max_s: 0.75, appointments: 0 });
  expect(worstOf(none, [none], 0).p99_s).toBeNull();
});
