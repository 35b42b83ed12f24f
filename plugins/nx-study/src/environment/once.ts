import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { holderLabel } from '../machine/holder.ts';
import { acquireLock, type HeldLock } from '../machine/lock.ts';
import type { PreparedEnvironment, PrepareOptions } from './prepare.ts';
import { readReady } from './ready.ts';

/** Creates the environment at `root` under a lock of its own, unless another process has done so meanwhile. */
export async function buildOnce(
  root: string,
  options: PrepareOptions,
  create: (lock: HeldLock) => Promise<void>,
): Promise<PreparedEnvironment> {
  await mkdir(dirname(root), { recursive: true });
  const lock = await lockOf(root, options);
  try {
    const ready = await readReady(root);
    if (ready !== null) return ready;
    await rm(root, { recursive: true, force: true });
    await mkdir(root);
    await create(lock);
  } finally {
    lock.release();
  }
  const made = await readReady(root);
  if (made === null) throw new Error(`${root} is not complete though it was just made`);
  return made;
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
