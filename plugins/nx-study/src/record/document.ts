import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { canonicalJson, sha256 } from '../base/canonical.ts';
import { documentTexts as texts } from './texts.ts';
import { unreadableText } from '../machine/texts.ts';
import type { Json } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { errorCode } from '../base/errno.ts';
import { LARGEST_TEXT_BYTES, readBounded } from '../machine/regular-file.ts';
import type { ContentHash } from '../machine/hash-regular.ts';
import { visible } from '../base/visible.ts';

/** The most bytes that are read; longer files are refused unread. Chosen: records and diagnostics have kilobytes, results of servers up to about 100 MB. */
export const MOST_BYTES = {
  record: 16 << 20,
  result: LARGEST_TEXT_BYTES,
  /** As a worker's `derive` writes it. */
  derivedPayload: 16 << 20,
  /** The same, indented. */
  derived: 256 << 20,
} as const;

/** A JSON file as it was found. `why` goes on after the file's name. */
export type Document<T> =
  | { state: 'absent' }
  | { state: 'bad'; why: string }
  | { state: 'good'; value: T; raw: Json; content: ContentHash };

/**
 * Reads a JSON file that others may have made or changed.
 * @throws only errors that say nothing about the file: too many open files, no memory.
 */
export async function readDocument<T extends z.ZodType>(
  file: string,
  schema: T,
  mostBytes: number,
): Promise<Document<z.infer<T>>> {
  let content: Buffer;
  try {
    content = await readBounded(file, mostBytes);
  } catch (error) {
    return isAbsence(error) ? { state: 'absent' } : { state: 'bad', why: whyUnreadable(error) };
  }
  if (!isUtf8(content)) return { state: 'bad', why: texts.notUtf8 };
  let raw: Json;
  try {
    raw = JSON.parse(content.toString('utf8')) as Json;
  } catch (error) {
    return { state: 'bad', why: texts.noJson(visible((error as Error).message), content.length) };
  }
  try {
    const { data, error } = schema.safeParse(raw);
    if (error) return { state: 'bad', why: texts.otherShape(firstOf(error)) };
    return { state: 'good', value: data, raw, content: await contentHash(content) };
  } catch (error) {
    // It is nested deeper than the stack allows.
    return { state: 'bad', why: texts.otherShape(visible((error as Error).message)) };
  }
}

/** Why a file can't be read, as text after its name. @throws errors that say nothing about the file. */
export function whyUnreadable(error: unknown): string {
  if (PASSING.has(errorCode(error) ?? '')) throw error;
  return unreadableText(error);
}

/** Whether nothing lies at a path. */
export const isAbsence = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');

const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'ERR_MEMORY_ALLOCATION_FAILED']);

const contentHash = async (content: Buffer): Promise<ContentHash> => ({
  sha256: (await sha256())(content),
  bytes: content.length,
});

function firstOf({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return visible(path.length === 0 ? message : `${path.join('.')}: ${message}`);
}

/** A document with a checksum over all of it, so that a later reader sees whether it was altered. */
export async function withChecksum<T extends { checksum: string | null }>(document: T): Promise<T> {
  return { ...document, checksum: await checksumOf(JSON.parse(JSON.stringify(document)) as Json) };
}

/** Whether a document is as it was written; null where it has no checksum: an earlier version wrote it. */
export async function isUnaltered(raw: Json): Promise<boolean | null> {
  if (!isJsonObject(raw) || typeof raw['checksum'] !== 'string') return null;
  return raw['checksum'] === (await checksumOf(raw));
}

async function checksumOf(raw: Json): Promise<string> {
  const { checksum: _, ...rest } = raw as { [key: string]: Json };
  return (await sha256())(canonicalJson(rest));
}
