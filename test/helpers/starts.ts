import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** One start of a scripted worker, as it noted it itself. */
export interface Start {
  id: string;
  /** The id without its hash: `value-1`, `value-1-r2`. */
  label: string;
  pid: number;
  /** Unix time, ms. */
  begin: number;
  /** When it had written its result; null until then. */
  sealed: number | null;
  /** null while it runs, or when it was killed. */
  end: number | null;
}

/** All starts so far, in their order. */
export function readStarts(file: string): Start[] {
  if (!existsSync(file)) return [];
  const starts: Start[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const [what, id, pid, time] = line.split(' ') as [string, string, string, string];
    if (what === 'begin')
      starts.push({ id, label: labelOf(id), pid: Number(pid), begin: Number(time), sealed: null, end: null });
    else
      starts.findLast((start) => start.id === id && start.pid === Number(pid))![what as 'sealed' | 'end'] =
        Number(time);
  }
  return starts;
}

export const labelOf = (id: string): string => id.replace(/-[0-9a-f]{8}(?=$|-r\d+$)/, '');

/** Waits until a running command has said something; ask right after its start. */
export async function waitUntilSaid(running: { all: Readable }, text: string): Promise<void> {
  let seen = '';
  running.all.on('data', (data: Buffer) => (seen += data));
  await waitFor(`"${text}"`, () => seen.includes(text));
}

/** Waits until `look` returns something; most of the time it rests, however long a look takes. */
export async function waitFor<T>(what: string, look: () => T | null | undefined | false, limit_s = 120): Promise<T> {
  const end = performance.now() + limit_s * 1000;
  for (;;) {
    const begin = performance.now();
    const found = look();
    if (found) return found;
    const look_ms = performance.now() - begin;
    if (performance.now() > end) throw new Error(`waited ${limit_s} s in vain for ${what}`);
    await sleep(Math.max(20, 5 * look_ms));
  }
}
