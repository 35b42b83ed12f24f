import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { listPids, readStat } from '../../../plugins/nx-study/src/machine/process.ts';
import { processTable } from '../../../plugins/nx-study/src/machine/sensors/processes.ts';
import { endGroup, processesWithToken } from '../../../plugins/nx-study/src/machine/tree.ts';
import { canMount } from '../../helpers/mounts.ts';
import { childrenOf, LIMIT_MS, runs, temporaryFolder, until } from './helpers.ts';

const linux = process.platform === 'linux';

/** A worker as the executor starts it; resolves once its script has created the file `$READY`. */
async function startWorker(script: string) {
  const token = randomUUID();
  const ready = join(temporaryFolder(), 'ready');
  const env = { ...process.env, NX_STUDY_RUN: token, READY: ready };
  const child = spawn('sh', ['-c', script], { detached: true, env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await until(() => existsSync(ready));
  return { group: child.pid!, token };
}

test('a group ends at SIGTERM, children first or last, within its grace', async () => {
  const { group, token } = await startWorker('sleep 61 & touch "$READY"; sleep 62; true');
  await until(() => childrenOf(group).length === 2);
  const tree = [group, ...childrenOf(group)];
  const begin = performance.now();
  expect(await endGroup(group, token, { graceMs: 2 * LIMIT_MS })).toEqual([]);
  expect(performance.now() - begin).toBeLessThan(LIMIT_MS);
  expect(tree.filter(runs)).toEqual([]);
  expect(await processesWithToken(token)).toEqual([]);
});

test('who saves something at SIGTERM has the time to', async () => {
  const { group, token } = await startWorker(
    'trap \'sleep 0.3; touch "$READY.saved"; exit\' TERM; touch "$READY"; while :; do sleep 0.05; done',
  );
  const begin = performance.now();
  expect(await endGroup(group, token, { graceMs: 2 * LIMIT_MS })).toEqual([]);
  expect(performance.now() - begin).toBeGreaterThan(250);
});

test('SIGTERM comes once', async () => {
  const folder = temporaryFolder();
  const count = `trap 'echo x >> "${folder}/asked"' TERM; touch "$READY"; while [ ! -e "${folder}/end" ]; do sleep 0.02; done`;
  const { group, token } = await startWorker(count);
  const ending = endGroup(group, token, { graceMs: 2 * LIMIT_MS });
  await until(() => existsSync(join(folder, 'asked')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  writeFileSync(join(folder, 'end'), '');
  expect(await ending).toEqual([]);
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('x\n');
});

test('a grace ends when somebody forces it', async () => {
  const { group, token } = await startWorker('trap "" TERM; touch "$READY"; while :; do sleep 62; done');
  const force = new AbortController();
  const ending = endGroup(group, token, { graceMs: 3_600_000, force: force.signal });
  force.abort();
  expect(await ending).toEqual([]);
});

test('who ignores SIGTERM is killed when the grace is over', async () => {
  const { group, token } = await startWorker('trap "" TERM; sleep 61 & touch "$READY"; while :; do sleep 62; done');
  const begin = performance.now();
  expect(await endGroup(group, token, { graceMs: 200 })).toEqual([]);
  const elapsedMs = performance.now() - begin;
  expect(elapsedMs).toBeGreaterThanOrEqual(200);
  expect(elapsedMs).toBeLessThan(LIMIT_MS);
});

test.runIf(linux)('children that left for a session of their own are found by the token', async () => {
  const { group, token } = await startWorker('(setsid sleep 61 &); touch "$READY"; exit 0');
  await until(async () => !runs(group) && (await processesWithToken(token)).length === 1);
  const strays = await processesWithToken(token);
  expect(await endGroup(group, token, { graceMs: 0 })).toEqual([]);
  expect(strays.filter(runs)).toEqual([]);
});

test('descendants without the token are found while their parent lives', async () => {
  const { group } = await startWorker('env -i PATH="$PATH" sh -c "sleep 61; true" & touch "$READY"; wait');
  await until(() => childrenOf(group).flatMap(childrenOf).length === 1);
  const tree = [group, ...childrenOf(group), ...childrenOf(group).flatMap(childrenOf)];
  expect(await endGroup(group, null, { graceMs: 1000 })).toEqual([]);
  expect(tree.filter(runs)).toEqual([]);
});

test.runIf(linux)('processes that were listed just now are not listed again', async () => {
  const { group, token } = await startWorker('touch "$READY"; sleep 61');
  const processes = processTable();
  expect(await endGroup(group, token, { graceMs: 0, processes: [] })).toEqual([]);
  expect(runs(group)).toBe(true);
  expect(await endGroup(group, token, { graceMs: 0, processes })).toEqual([]);
  expect(runs(group)).toBe(false);
});

test('nothing left is no work', async () => {
  expect(await endGroup(2 ** 22 + 1, randomUUID(), { graceMs: 1000 })).toEqual([]);
});

test.each([0, 1, -1, Number.NaN])('the group %d is refused', async (group) => {
  await expect(endGroup(group, null, { graceMs: 0 })).rejects.toThrow(/not a process group of a worker/);
});

test.runIf(canMount()).each(['us', 'guard'])('without /proc the group is ended all the same, by %s', async (by) => {
  const program = join(import.meta.dirname, 'programs/end-group.ts');
  const node = [process.execPath, '--import', '@swc-node/register/esm-register', program, by];
  const { stdout } = await execa('unshare', ['-m', ...node], { cwd: join(import.meta.dirname, '../../..') });
  const { sees, rest, group } = JSON.parse(stdout) as { sees: boolean; rest: number[] | null; group: number };
  expect([sees, rest ?? []]).toEqual([false, []]);
  expect(listPids().filter((pid) => readStat(pid)?.group === group && runs(pid))).toEqual([]);
});
