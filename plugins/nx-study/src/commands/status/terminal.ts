import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { WriteStream } from 'node:tty';
import { orNull } from '../../base/errno.ts';
import { readStat } from '../../machine/process.ts';

export interface Size {
  columns: number;
  rows: number;
}

/**
 * The size of the terminal that a person sees. Nx runs us in a terminal of its own, which keeps the size that the
 * outer one had at the start: that one is found by its parents' output. Linux only; else the size at the start.
 */
export function openTerminal(stdout: NodeJS.WriteStream): () => Size {
  // Nx's terminal UI gives us a part of the screen, and sends a message when its size changes.
  const outer = process.env['NX_TUI'] === 'true' ? null : outerTerminal();
  return () => (outer === null ? null : sizeOf(outer)) ?? { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

const outputOf = (pid: number) => orNull(() => readlinkSync(`/proc/${pid}/fd/1`));

const MOST_PARENTS = 8;

function outerTerminal(): string | null {
  const own = outputOf(process.pid);
  let pid = process.ppid;
  for (let steps = 0; steps < MOST_PARENTS && pid > 1; steps += 1) {
    const output = outputOf(pid);
    if (output !== own) return output?.startsWith('/dev/pts/') ? output : null;
    pid = readStat(pid)?.parent ?? 0;
  }
  return null;
}

function sizeOf(path: string): Size | null {
  const fd = orNull(() => openSync(path, constants.O_WRONLY | constants.O_NOCTTY));
  if (fd === null) return null;
  try {
    const stream = new WriteStream(fd);
    const { columns, rows } = stream;
    stream.destroy();
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  } catch {
    closeSync(fd);
    return null;
  }
}
