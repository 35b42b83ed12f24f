import { lstatSync, mkdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { holeText, isHole } from '../../machine/hash-regular.ts';
import { natureOf, statsOf } from '../../machine/regular-file.ts';
import { checkResult } from '../worker/result.ts';
import type { ResultCheck } from '../worker/result.ts';
import { irregularTexts } from './texts.ts';
import { cachedFiles } from '../../worker/files.ts';

/** A run directory, as it was made for one measurement. */
export interface RunDirectory {
  path: string;
  /** Whether it is there no more, or something else is in its place. Afterwards there is a folder again. */
  restore(): Promise<boolean | 'replaced'>;
}

/** Makes one for a measurement that begins. */
export function makeRunDirectory(path: string): RunDirectory {
  mkdirSync(path, { recursive: true });
  const made = lstatSync(path);
  return {
    path,
    async restore() {
      const found = statsOf(path);
      if (found?.isDirectory() && found.ino === made.ino && found.dev === made.dev) {
        await makeRoomForRecord(path);
        return false;
      }
      // A folder that the worker made itself is kept; a link is removed, never what it leads to.
      if (found !== null && !found.isDirectory()) await rm(path, { force: true });
      await mkdir(path, { recursive: true });
      await makeRoomForRecord(path);
      return found === null ? true : 'replaced';
    },
  };
}

// A record replaces whatever has its name, but not a folder.
async function makeRoomForRecord(path: string): Promise<void> {
  const record = join(path, 'record.json');
  const found = statsOf(record);
  if (found?.isDirectory()) await rename(record, `${record}.of-the-worker`);
}

// A second Ctrl+C costs no result that is there: only checksums of large files take longer.
const PATIENCE_MS = 2000;

/** Does something whose signal aborts some time after a person has asked to force. */
export async function withMaxDuration<T>(force: AbortSignal, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const patience = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => (timer = setTimeout(() => patience.abort(), PATIENCE_MS));
  if (force.aborted) begin();
  else force.addEventListener('abort', begin, { once: true });
  try {
    return await act(patience.signal);
  } finally {
    clearTimeout(timer);
    force.removeEventListener('abort', begin);
  }
}

/** The result of an ended worker. What would be kept with it must be regular files, and folders of them. */
export async function checkEnded(directory: string, kind: string, signal?: AbortSignal): Promise<ResultCheck> {
  const result = await checkResult(directory, kind, signal);
  if (result.state === 'absent' || result.state === 'invalid') return result;
  const problem = await irregularIn(directory);
  return problem === null ? result : { state: 'invalid', problem };
}

async function irregularIn(directory: string): Promise<string | null> {
  for (const name of cachedFiles) {
    const problem = await irregularAt(directory, name, name === 'files');
    if (problem !== null) return problem;
  }
  return null;
}

async function irregularAt(directory: string, name: string, mayBeFolder: boolean): Promise<string | null> {
  const found = statsOf(join(directory, name));
  if (found === null) return null;
  if (found.isFile()) return isHole(found) ? irregularTexts.entry(name, holeText(found.size)) : null;
  if (!mayBeFolder || !found.isDirectory()) return irregularTexts.entry(name, natureOf(found)[0]);
  for (const entry of await readdir(join(directory, name))) {
    const problem = await irregularAt(directory, `${name}/${entry}`, true);
    if (problem !== null) return problem;
  }
  return null;
}
