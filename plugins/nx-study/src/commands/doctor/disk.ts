import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../../base/reason.ts';
import { size } from '../../base/size.ts';
import { fails, ok, unknown, warning } from './items.ts';
import type { Item } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

/** Chosen: below that a run may end for want of a place for logs and records, whatever its results take. */
const LITTLE_BYTES = 1e9;

/** What is to be written below a folder. */
export interface Write {
  /** `results`, `models`. */
  what: string;
  /** Absolute; may not exist yet. */
  folder: string;
  /** What is known to be written; null where nothing is known of it. */
  bytes: number | null;
}

/** Whether there is room for what is written below a folder. @param freeOf - bytes that are free where a folder lies. */
export async function diskItem(
  { what, folder, bytes }: Write,
  freeOf: (folder: string) => Promise<number> = freeBytes,
): Promise<Item> {
  try {
    const free = await freeOf(existing(folder));
    const found = texts.disk(what, folder, size(free), bytes === null ? null : size(bytes));
    if (bytes !== null && bytes > free) return fails('disk', found, texts.makeRoom);
    return free < LITTLE_BYTES ? warning('disk', found, texts.makeRoom) : ok('disk', found);
  } catch (error) {
    return unknown('disk', `${folder}: ${reasonOf(error)}`);
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const existing = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
