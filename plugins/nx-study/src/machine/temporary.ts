import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { orNull, tried } from '../base/errno.ts';
import { listPids, ownIdentity, processIdentity } from './process.ts';
import type { ProcessIdentity } from './process.ts';
import { carries, processesWithToken, RUN_TOKEN } from './tree.ts';

/** The folder for temporary files of the worker that carries the token. Short: paths of sockets end at 108 bytes. */
export const temporaryFolderOf = (token: string): string => join(tmpdir(), `nx-study-${token}`);

/** A new token for one start of a worker. It encodes the supervisor: its process id, host and namespace, and start time. */
export function newToken(): string {
  const own = ownIdentity();
  const owner = own === null ? '' : `${own.pid.toString(36)}-${hereHash()}${identityHash(own)}-`;
  return `${owner}${randomBytes(3).toString('hex')}`;
}

const FOLDER = /^nx-study-(([0-9a-z]+)-([0-9a-f]{4})([0-9a-f]{6})-[0-9a-f]{6})$/;

/**
 * Removes temporary folders of this user's workers whose supervisor is gone and of which no process is left. That happens
 * when the guard was killed as well. Folders of another PID namespace or host stay. Returns the removed paths.
 */
export async function sweepTemporary(): Promise<string[]> {
  if (ownIdentity() === null) return [];
  const swept: string[] = [];
  for (const name of orNull(() => readdirSync(tmpdir())) ?? []) {
    const [, token, pid, here, identity] = FOLDER.exec(name) ?? [];
    if (token === undefined || here !== hereHash() || !(await isOwn(join(tmpdir(), name)))) continue;
    const now = await processIdentity(Number.parseInt(pid!, 36));
    if (now !== null && identityHash(now) === identity) continue;
    if (await isCarried(token)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).then(
      () => swept.push(join(tmpdir(), name)),
      () => {},
    );
  }
  return swept;
}

// Also by processes that are older than this one.
async function isCarried(token: string): Promise<boolean> {
  if (process.platform !== 'linux') return (await processesWithToken(token)).length > 0;
  return listPids().some((pid) => carries(pid, `${RUN_TOKEN}=${token}`));
}

async function isOwn(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats !== null && stats.isDirectory() && stats.uid === process.getuid?.();
}

const hash = (text: string, digits: number) => createHash('sha256').update(text).digest('hex').slice(0, digits);

// A process id is unique within its namespace only, and several namespaces may share a folder for temporary files.
const hereHash = () => hash(`${hostname()} ${tried(() => readlinkSync('/proc/self/ns/pid')) ?? ''}`, 4);

const identityHash = ({ startTime, bootId }: ProcessIdentity) => hash(`${startTime} ${bootId}`, 6);
