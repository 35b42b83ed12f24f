import { readSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { tried } from '../base/errno.ts';
import { isAlive, processIdentity, type ProcessIdentity } from './process.ts';

/** Describes the process that took the lock. Only the kernel knows whether the lock is still taken. */
export interface HolderLabel extends ProcessIdentity {
  study: string;
  measurement: string;
  host: string;
  /** Absolute path. */
  workspace: string;
  /** ISO 8601, UTC. */
  since: string;
  /** Docker or podman, absolute, when it measures in a container. */
  engine?: string;
  /** Set once the holder let go; whoever still keeps the lock then is a leftover of its worker. */
  released?: string;
}

export interface Holder {
  label: HolderLabel | null;
  /** `ending`: the labelled process is gone or let go, but something that it started still keeps the lock. */
  state: 'measuring' | 'ending' | 'unknown';
}

/** A label for this process, from now on. */
export async function holderLabel(
  what: Pick<HolderLabel, 'study' | 'measurement' | 'workspace' | 'engine'>,
): Promise<HolderLabel> {
  const identity = (await processIdentity()) ?? { pid: process.pid, startTime: 'unknown', bootId: 'unknown' };
  return { ...identity, ...what, host: hostname(), since: new Date().toISOString() };
}

// One page, written by one call: a reader sees the old label or the new one.
const LABEL_BYTES = 4096;

/** Writes the label; only the holder of the lock may. On a full disk the label is lost, and the measurement goes on. */
export function writeLabel(fd: number, label: HolderLabel): void {
  const text = Buffer.alloc(LABEL_BYTES, ' ');
  const json = JSON.stringify(label);
  const fits = Buffer.byteLength(json) < LABEL_BYTES;
  text.write(fits ? json : JSON.stringify({ ...label, workspace: '…' }));
  text.write('\n', LABEL_BYTES - 1);
  tried(() => writeSync(fd, text, 0, LABEL_BYTES, 0));
}

export function readLabel(fd: number): HolderLabel | null {
  const text = Buffer.alloc(LABEL_BYTES);
  const length = readSync(fd, text, 0, LABEL_BYTES, 0);
  try {
    const label: unknown = JSON.parse(text.toString('utf8', 0, length));
    return isLabel(label) ? label : null;
  } catch {
    return null;
  }
}

const TEXTS = ['study', 'measurement', 'host', 'workspace', 'since', 'startTime', 'bootId'] as const;

const isLabel = (value: unknown): value is HolderLabel =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  typeof value.pid === 'number' &&
  TEXTS.every((key) => key in value && typeof (value as Record<string, unknown>)[key] === 'string');

/** The holder by its label; meaningful only while somebody has the lock. */
export async function readHolder(fd: number): Promise<Holder> {
  const label = readLabel(fd);
  if (label === null) return { label, state: 'unknown' };
  if (label.released !== undefined) return { label, state: 'ending' };
  // A container with the same folder has process numbers of its own.
  const ours = label.host === hostname();
  return { label, state: !ours || (await isAlive(label)) ? 'measuring' : 'ending' };
}
