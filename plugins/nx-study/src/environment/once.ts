import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { environmentIncomplete } from './texts.ts';
import { holderLabel } from '../machine/holder.ts';
import { acquireLock, type HeldLock } from '../machine/lock.ts';
import { writeAtomically } from '../base/whole-file.ts';
import { readReady, readyFile, type Ready } from './ready.ts';
import type { PreparedEnvironment, PrepareOptions } from './prepared.ts';

type Made = Pick<Ready, 'interpreter' | 'versions'>;

/**
 * Creates the environment at `root` under a lock of its own, unless another process has done so meanwhile. `say` prints a
 * step.
 */
export async function buildOnce(
  root: string,
  options: PrepareOptions,
  say: (line: string) => void,
  create: (lock: HeldLock) => Promise<Made>,
): Promise<PreparedEnvironment> {
  const ready = await underLock(root, options, async (lock) => {
    const before = await readReady(root);
    if (before !== null) return before;
    await rm(root, { recursive: true, force: true });
    const begin = performance.now();
    await mkdir(root);
    const made = await create(lock);
    const elapsed_s = (performance.now() - begin) / 1000;
    const record: Ready = { ...made, created: new Date().toISOString(), elapsed_s };
    await writeAtomically(readyFile(root), JSON.stringify(record, null, 2));
    say(`ready in ${elapsed_s.toFixed(1)} s`);
    return readReady(root);
  });
  if (ready === null) throw environmentIncomplete(root);
  return ready;
}

/** Does something while no other process does something at `root`, and says who is waited for. */
export async function underLock<T>(
  root: string,
  options: PrepareOptions,
  act: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(root), { recursive: true });
  const lock = await lockOf(root, options);
  try {
    return await act(lock);
  } finally {
    lock.release();
  }
}

async function lockOf(root: string, { worker, workspaceRoot, onProgress, signal }: PrepareOptions): Promise<HeldLock> {
  return acquireLock(`${root}.lock`, {
    label: await holderLabel({ study: worker.name, measurement: 'environment', workspace: workspaceRoot }),
    forAllUsers: false,
    onWait: ({ label }) =>
      onProgress?.(`environment ${worker.name}: another run creates it${label ? ` (pid ${label.pid})` : ''}`),
    ...(signal ? { signal } : {}),
  });
}
