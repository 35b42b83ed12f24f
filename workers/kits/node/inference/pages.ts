import { execFile } from 'node:child_process';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CHUNK_BYTES = 1 << 23;
const COLD_SHARE = 0.01; // readahead under way may bring back a page or two
const WARM_SHARE = 0.99;
const NO_FINCORE = 'fincore (util-linux) is not here to look at the page cache';

/** What was done before loading, and whether the start is really cold: null with a reason. */
export interface PageCache {
  page_cache: 'evicted' | 'filled' | 'as-found' | 'not-local';
  cold: boolean | null;
  reason: string | null;
}

/** Evicts the files, or reads them once; then looks at what is resident. */
export async function preparePages(start: 'cold' | 'warm', paths: readonly string[]): Promise<PageCache> {
  const files = await filesOf(paths);
  if (files.length === 0) return { page_cache: 'not-local', cold: null, reason: 'the engine reads no local file' };
  if (start === 'warm') {
    for (const file of files) await fill(file);
    return filled(await residentShare(files));
  }
  if (!(await evict(files))) return { page_cache: 'as-found', cold: null, reason: "dd can't drop cached pages here" };
  return evicted(await residentShare(files));
}

function filled(share: number | null): PageCache {
  const page_cache = 'filled';
  if (share === null) return { page_cache, cold: null, reason: NO_FINCORE };
  if (share >= WARM_SHARE) return { page_cache, cold: false, reason: null };
  return { page_cache, cold: null, reason: `only ${percent(share)} of the files are in the page cache` };
}

function evicted(share: number | null): PageCache {
  const page_cache = 'evicted';
  if (share === null) return { page_cache, cold: null, reason: NO_FINCORE };
  if (share <= COLD_SHARE) return { page_cache, cold: true, reason: null };
  return { page_cache, cold: null, reason: `${percent(share)} of the files stayed in the page cache` };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Share of the files' bytes in the page cache; null where `fincore` is missing. */
export async function residentShare(files: readonly string[]): Promise<number | null> {
  const args = ['--bytes', '--raw', '--noheadings', '--output', 'RES', '--', ...files];
  const stdout = await run('fincore', args).then(
    (done) => done.stdout,
    () => null,
  );
  if (stdout === null) return null;
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const resident = stdout.split(/\s+/).reduce((sum, bytes) => sum + Number(bytes), 0);
  return size === 0 ? null : resident / size;
}

/** Files, and the files within folders. */
export const filesOf = async (paths: readonly string[]): Promise<string[]> =>
  (await Promise.all(paths.map(filesIn))).flat();

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true });
  const files = entries.sort().map((entry) => join(path, entry));
  const kept = await Promise.all(files.map(async (file) => ((await stat(file)).isFile() ? file : [])));
  return kept.flat();
}

async function fill(file: string): Promise<void> {
  const handle = await open(file);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    while ((await handle.read(buffer, 0, CHUNK_BYTES)).bytesRead > 0);
  } finally {
    await handle.close();
  }
}

/** Node has no posix_fadvise, but `dd` of coreutils has: with `nocache` and no blocks it drops the whole file. */
async function evict(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    await sync(file); // dirty pages can't be dropped
    const done = await run('dd', [`if=${file}`, 'of=/dev/null', 'iflag=nocache', 'count=0', 'status=none']).catch(
      () => null,
    );
    if (done === null) return false;
  }
  return true;
}

async function sync(file: string): Promise<void> {
  const handle = await open(file);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
