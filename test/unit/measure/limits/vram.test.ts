import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { limitTexts } from '../../../../plugins/nx-study/src/measure/limits/texts.ts';
import { heldVram, noteVram } from '../../../../plugins/nx-study/src/measure/limits/vram.ts';
import type { VramOptions } from '../../../../plugins/nx-study/src/measure/limits/vram.ts';

const GPU = 'GPU-5f1e0c1a-0000';
const noOne = () => new Set<number>();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-study-vram-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(folder, 'lock'));
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  const program = `#!/bin/sh\ncase "$1" in *compute-apps*) cat ${folder}/processes;; *) cat ${folder}/memory;; esac\n`;
  await writeFile(join(folder, 'nvidia-smi'), program, { mode: 0o755 });
});

afterEach(() => void vi.unstubAllEnvs());

/** What the program says from now on. */
async function gpuHas(free_mib: number, ...processes: string[]): Promise<void> {
  await writeFile(join(folder, 'memory'), `0, ${GPU}, 81559, ${free_mib}\n`);
  await writeFile(join(folder, 'processes'), processes.map((line) => `${GPU}, ${line}\n`).join(''));
}

const options = (more: Partial<VramOptions> = {}): VramOptions => ({
  hasGpu: true,
  boot: 'boot',
  stop: new AbortController().signal,
  longest_s: 0,
  ...more,
});

/** A process that lives until the test ends it. */
function aProcess() {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid!, kill: () => new Promise((gone) => child.once('exit', gone) && child.kill('SIGKILL')) };
}

test('memory that is given back keeps nothing from starting', async () => {
  await gpuHas(80_000);
  const restored = (await noteVram(options()))!;
  await gpuHas(79_900);
  expect(await restored(noOne)).toBeNull();
  // What others take later is not the worker's.
  await gpuHas(10_000);
  expect(await heldVram(options())).toBeNull();
});

test('the driver has some time to free it', async () => {
  await gpuHas(80_000);
  const restored = (await noteVram(options({ longest_s: 60 })))!;
  await gpuHas(10_000);
  const waiting = restored(noOne);
  setTimeout(() => void gpuHas(80_000), 300);
  expect(await waiting).toBeNull();
});

test('a process that outlived the worker is named, and the next measurement does not start beside it', async () => {
  const survivor = aProcess();
  await gpuHas(80_000);
  const restored = (await noteVram(options()))!;
  await gpuHas(71_500, `${survivor.pid}, 8400, /usr/bin/python3`);
  const held = (await restored(() => new Set([survivor.pid])))!;
  expect(limitTexts.vramKept(held)).toMatch(
    new RegExp(
      `^8500 MiB of GPU memory after the worker's end were not freed within .*: held by /usr/bin/python3 \\(pid ${survivor.pid}, 8400 MiB\\)`,
    ),
  );
  // As in another process, which knows only what was noted.
  const before = (await heldVram(options()))!;
  expect(limitTexts.vramStillHeld(before)).toContain(
    `held by /usr/bin/python3 (pid ${survivor.pid}, 8400 MiB). End it (kill -9 ${survivor.pid}), then run again.`,
  );
  expect(await heldVram(options({ boot: 'another' }))).toBeNull();
  await survivor.kill();
  expect(await heldVram(options())).toMatchObject({ holders: [{ pid: survivor.pid }] });
  await gpuHas(80_000);
  expect(await heldVram(options())).toBeNull();
});

test.runIf(process.platform === 'linux')(
  'one that nobody saw leave the tree is known by its having no parent',
  async () => {
    await gpuHas(80_000);
    const restored = (await noteVram(options()))!;
    const pidFile = join(folder, 'pid');
    spawn('setsid', ['-f', 'sh', '-c', `echo $$ > ${pidFile}; exec sleep 600`]);
    const pid = Number(await vi.waitUntil(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 30_000 }));
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    const neighbour = aProcess();
    await gpuHas(70_000, `${pid}, 8000, server`, `${neighbour.pid}, 2000, notebook`);
    expect(await restored(noOne)).toMatchObject({ bytes: 8000 * 2 ** 20, holders: [{ pid, name: 'server' }] });
    expect(await heldVram(options())).toMatchObject({ holders: [{ pid }] });
  },
);

test('where no process can be named it says so, and what to do', async () => {
  await gpuHas(80_000);
  await noteVram(options());
  // The supervisor was killed, and nobody has looked since.
  await gpuHas(70_000);
  const text = limitTexts.vramStillHeld((await heldVram(options()))!);
  expect(text).toMatch(/^10000 MiB of GPU memory that an earlier measurement took were not freed within/);
  expect(text).toContain('which process holds it is not known. Search for it');
  expect(text).toContain('nvidia-smi --gpu-reset');
  expect(text).toContain('NX_STUDY_IGNORE_MEMORY=1');
});

test('what neighbours take is not held by the worker', async () => {
  const [old, young] = [aProcess(), aProcess()];
  await gpuHas(70_000, `${old.pid}, 10000, notebook`);
  const restored = (await noteVram(options()))!;
  await gpuHas(50_000, `${old.pid}, 20000, notebook`, `${young.pid}, 10000, game`);
  expect(await restored(noOne)).toBeNull();
  const again = (await noteVram(options()))!;
  await gpuHas(40_000, `${old.pid}, 20000, notebook`, `${young.pid}, 15000, game`);
  expect(await again(noOne)).toMatchObject({ bytes: 5000 * 2 ** 20, holders: [] });
  await noteVram(options());
  await gpuHas(10_000, `${old.pid}, 20000, notebook`, `${young.pid}, 15000, game`, `${aProcess().pid}, [N/A], other`);
  expect(await heldVram(options())).toBeNull();
});

test('a stop ends the wait, and the next measurement looks again', async () => {
  await gpuHas(80_000);
  const stop = new AbortController();
  const restored = (await noteVram(options({ stop: stop.signal, longest_s: 60 })))!;
  await gpuHas(70_000);
  const waiting = restored(noOne);
  stop.abort();
  expect(await waiting).toBeNull();
  expect(await heldVram(options())).toMatchObject({ bytes: 10_000 * 2 ** 20 });
});

test('without a GPU nothing is asked', async () => {
  expect(await noteVram(options({ hasGpu: false }))).toBeNull();
  await gpuHas(80_000);
  await noteVram(options());
  expect(await heldVram(options({ hasGpu: false }))).toBeNull();
});

test('a driver that does not answer says nothing, and what was noted stays', async () => {
  await gpuHas(80_000);
  const restored = (await noteVram(options()))!;
  await writeFile(join(folder, 'memory'), 'No devices were found\n');
  expect(await restored(noOne)).toBeNull();
  await gpuHas(70_000);
  expect(await heldVram(options())).not.toBeNull();
});
