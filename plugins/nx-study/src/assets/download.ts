import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, assetErrors, refusalHint } from './texts.ts';
import type { Listening } from './hash.ts';
import { byteProgress } from './progress.ts';

export interface Download {
  /** The asset's. */
  name: string;
  url: string;
  isHuggingFace: boolean;
  headers: Record<string, string>;
}

const TRIES = 4;
const PAUSE_MS = 1000;
const SILENT_MS = 60_000;

/** Downloads a file of known size, going on where an earlier run or a broken connection left it. */
export async function download(
  request: Download,
  part: string,
  bytes: number,
  { onProgress, signal }: Listening,
): Promise<void> {
  const count = byteProgress(`fetching ${request.name}`, bytes, onProgress, await sizeOf(part));
  for (let left = TRIES - 1; (await sizeOf(part)) !== bytes; left--) {
    try {
      await downloadOnce(request, part, bytes, { count, ...(signal && { signal }) });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AssetError || isLocal(error)) throw error;
      if (left <= 0) throw assetErrors.unreachable(request.name, request.url, error, (await sizeOf(part)) > 0);
      onProgress?.(`fetching ${request.name}: the connection broke, trying again`);
      await sleep(PAUSE_MS * (TRIES - left), undefined, signal ? { signal } : {});
    }
  }
}

async function downloadOnce(
  { name, url, isHuggingFace, headers }: Download,
  part: string,
  bytes: number,
  { count, signal }: { count: (bytes: number) => void; signal?: AbortSignal },
): Promise<void> {
  let have = await sizeOf(part);
  if (have > bytes) {
    await rm(part);
    have = 0;
  }
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(assetErrors.silent(SILENT_MS / 1000)), SILENT_MS);
  try {
    const answer = await fetch(url, {
      headers: { ...headers, 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    });
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      if (answer.status === 416) return await rm(part);
      if (isPassing(answer.status)) throw assetErrors.passing(answer.status);
      throw assetErrors.refused(name, url, answer.status, refusalHint(answer.status, isHuggingFace));
    }
    const continues = answer.status === 206 && answer.headers.get('content-range')?.startsWith(`bytes ${have}-`);
    const begin = continues ? have : 0;
    let size = begin;
    const file = await open(part, continues ? 'a' : 'w');
    try {
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        watch.refresh();
        size += chunk.length;
        if (size > bytes) break;
        await file.write(chunk);
        count(chunk.length);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (size === bytes) return;
    // A part of the wrong size would be resumed again and again. After a refusal the part stays: only a token may be missing.
    await rm(part);
    const told = begin + Number(answer.headers.get('content-length'));
    throw assetErrors.wrongSize(name, url, bytes, Math.max(size, told));
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(watch);
  }
}

const isPassing = (status: number): boolean => status === 429 || status === 408 || status >= 500;

// A full disk is not the network's fault.
const isLocal = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && ['open', 'write', 'fsync'].includes(String(error.syscall));

/** Bytes of a file; 0 where there is none. */
export const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
