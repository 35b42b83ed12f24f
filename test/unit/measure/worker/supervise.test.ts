import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startGuard } from '../../../../plugins/nx-study/src/machine/guard.ts';
import { newToken, temporaryFolderOf } from '../../../../plugins/nx-study/src/machine/temporary.ts';
import { processesWithToken, seesStrays } from '../../../../plugins/nx-study/src/machine/tree.ts';
import type { Running, Watcher } from '../../../../plugins/nx-study/src/measure/watch/watcher.ts';
import { supervise } from '../../../../plugins/nx-study/src/measure/worker/supervise.ts';
import type { Assignment } from '../../../../plugins/nx-study/src/measure/worker/supervise.ts';

/** What supervises a real worker that runs a shell script in a run directory of its own. */
async function workerOf(script: string, change: Partial<Assignment> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'nx-study-supervise-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const guard = await startGuard();
  onTestFinished(() => guard.close());
  const token = newToken();
  const stop = new AbortController();
  const force = new AbortController();
  const assignment: Assignment = {
    command: ['sh', '-c', script],
    env: { PATH: process.env['PATH']!, NX_STUDY_RUN: token, TMPDIR: temporaryFolderOf(token) },
    directory,
    token,
    inherit: [],
    guard,
    stop: stop.signal,
    force: force.signal,
    watchers: [],
    isComplete: async () => existsSync(join(directory, 'result.json')),
    ...change,
  };
  return {
    directory,
    token,
    stop,
    force,
    run: () => supervise(assignment),
    has: (name: string) => existsSync(join(directory, name)),
    log: () => readFileSync(join(directory, 'worker.log'), 'utf8'),
  };
}

/** Notes what a watcher is called with, in order. */
function noted() {
  const calls: string[] = [];
  const watcher: Watcher = {
    started: ({ pid }) => void calls.push(`started ${pid > 1}`),
    event: ({ event }) => void calls.push(event),
    tick: () => void (calls.at(-1) !== 'tick' && calls.push('tick')),
    complete: () => void calls.push('complete'),
    exited: () => void calls.push('exited'),
    ended: () => void calls.push('ended'),
  };
  return { calls, watcher };
}

const phase = (name: string) => `echo '{"event":"phase","t":1,"phase":"${name}"}' >> events.jsonl`;

describe('a worker that ends by itself', () => {
  it('has its exit code, its log, and what it cost', async () => {
    const worker = await workerOf('echo out; echo err >&2; exit 3');
    expect(await worker.run()).toMatchObject({
      exitCode: 3,
      signal: null,
      startError: null,
      endedBy: 'worker',
      breach: null,
      survivors: [],
      elapsed_s: expect.any(Number),
      supervision_cpu_s: expect.any(Number),
    });
    expect(worker.log()).toBe('out\nerr\n');
  });

  it('has the signal that killed it', async () => {
    const worker = await workerOf('kill -KILL $$');
    expect(await worker.run()).toMatchObject({ exitCode: null, signal: 'SIGKILL', endedBy: 'worker' });
  });

  it('is told apart from one that could not be started', async () => {
    const worker = await workerOf('', { command: ['/no/such/program'] });
    const { startError, endedBy, survivors } = await worker.run();
    expect(String(startError)).toContain('ENOENT');
    expect([endedBy, survivors]).toEqual(['worker', []]);
  });

  it('passes its events on to the end, also those that nobody had the time to read; no line is lost in silence', async () => {
    const { calls, watcher } = noted();
    const worker = await workerOf(`${phase('loading')}; echo nonsense >> events.jsonl; ${phase('measuring')}`, {
      watchers: [watcher],
    });
    expect(await worker.run()).toMatchObject({ malformedEvents: 1, unreadEvents: 0 });
    expect(calls.filter((call) => call !== 'tick')).toEqual(['started true', 'exited', 'phase', 'phase', 'ended']);
  });

  it.runIf(seesStrays())('leaves no process behind, nor its temporary folder', async () => {
    const worker = await workerOf('touch "$TMPDIR/large"; setsid sleep 60 & sleep 0.2; [ -d "$TMPDIR" ]');
    expect(await worker.run()).toMatchObject({ exitCode: 0, survivors: [] });
    expect(await processesWithToken(worker.token)).toEqual([]);
    expect(existsSync(temporaryFolderOf(worker.token))).toBe(false);
  });
});

describe('a worker that does not end by itself', () => {
  const SAVES = 'trap "touch saved; exit 0" TERM; touch ready; while :; do sleep 0.05; done';

  it('is stopped with the time to save what it has', async () => {
    const worker = await workerOf(SAVES);
    const running = worker.run();
    await vi.waitFor(() => expect(worker.has('ready')).toBe(true), 30_000);
    worker.stop.abort('SIGINT');
    expect(await running).toMatchObject({ endedBy: 'stop', survivors: [] });
    expect(worker.has('saved')).toBe(true);
  });

  it('is killed when a person insists', async () => {
    const worker = await workerOf('trap "" TERM; touch ready; while :; do sleep 0.05; done');
    const running = worker.run();
    await vi.waitFor(() => expect(worker.has('ready')).toBe(true), 30_000);
    worker.stop.abort('SIGINT');
    worker.force.abort();
    expect(await running).toMatchObject({ endedBy: 'stop', signal: 'SIGKILL', survivors: [] });
  });

  it('is ended at once where the run was stopped before it began', async () => {
    const worker = await workerOf('sleep 60', { stop: AbortSignal.abort('SIGTERM') });
    expect(await worker.run()).toMatchObject({ endedBy: 'stop', signal: 'SIGTERM' });
  });

  it('is ended by the first watcher that finds a limit broken', async () => {
    const breach = { type: 'oom', message: 'too much', atOnce: true } as const;
    let running: Running | null = null;
    const started = (it: Running) => (running = it);
    const tick = () => running?.end(breach);
    const later = { ...breach, type: 'timeout', message: 'too late' } as const;
    const watchers: Watcher[] = [{ started, tick }, { tick: () => running?.end(later) }];
    const worker = await workerOf('sleep 60', { watchers });
    expect(await worker.run()).toMatchObject({ endedBy: 'limit', breach, signal: 'SIGKILL' });
  });

  it('does not outlive a watcher that fails', async () => {
    const ended = vi.fn<() => void>();
    const tick = () => {
      throw new Error('the sensor is gone');
    };
    const worker = await workerOf('sleep 60', { watchers: [{ tick, ended }] });
    await expect(worker.run()).rejects.toThrow('the sensor is gone');
    expect(ended).toHaveBeenCalledOnce();
    expect(await processesWithToken(worker.token)).toEqual([]);
    expect(existsSync(temporaryFolderOf(worker.token))).toBe(false);
  });
});

it('watchers learn once that the result is complete, while the worker still runs', async () => {
  const { calls, watcher } = noted();
  const worker = await workerOf('touch result.json; while [ ! -e seen ]; do sleep 0.05; done; sleep 1.5', {
    watchers: [watcher, { complete: () => writeFileSync(join(worker.directory, 'seen'), '') }],
  });
  expect(await worker.run()).toMatchObject({ endedBy: 'worker', exitCode: 0 });
  expect(calls).toEqual(['started true', 'complete', 'tick', 'exited', 'ended']);
});
