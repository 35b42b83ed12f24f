import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import fastGlob from 'fast-glob';
import { createSHA256 } from 'hash-wasm';
import { createReadStream } from 'node:fs';

/** Hashes of the contents of files, as they are at one moment: each file is looked at once. */
export interface Contents {
  /** SHA-256 of a file, 64 hex digits; null when there is no such file. */
  file(path: string): Promise<string | null>;
  /** Path relative to `root` → SHA-256, for all files that the patterns match. */
  glob(root: string, patterns: string[]): Promise<Record<string, string>>;
  /** Remembers the hashes for later processes. */
  save(): Promise<void>;
}

type Remembered = Record<string, { stamp: string; sha256: string }>;

// A file that changed within the clock's resolution after it was hashed would keep its stamp.
const TOO_YOUNG_MS = 2000;

/** Opens a view on the present contents; hashes are remembered by size, mtime, ctime (ns) and inode. */
export async function openContents(workspaceRoot: string): Promise<Contents> {
  const memory = join(workspaceRoot, '.nx', 'nx-study', 'content-hashes.json');
  const remembered = await readMemory(memory);
  const seen = new Map<string, Promise<string | null>>();
  let changed = false;

  const hash = async (path: string): Promise<string | null> => {
    const stats = await stat(path, { bigint: true }).catch(() => null);
    if (!stats?.isFile()) return null;
    const stamp = [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(':');
    const known = remembered[path];
    if (known?.stamp === stamp) return known.sha256;
    const sha256 = await hashFile(path);
    const youngest = Number(stats.mtimeMs > stats.ctimeMs ? stats.mtimeMs : stats.ctimeMs);
    if (Date.now() - youngest > TOO_YOUNG_MS) {
      remembered[path] = { stamp, sha256 };
      changed = true;
    }
    return sha256;
  };

  const file = (path: string): Promise<string | null> => {
    let pending = seen.get(path);
    if (!pending) seen.set(path, (pending = hash(path)));
    return pending;
  };

  return {
    file,
    async glob(root, patterns) {
      const paths = await fastGlob(patterns, { cwd: root, absolute: true, dot: true, followSymbolicLinks: false });
      const entries = await Promise.all(
        paths.sort().map(async (path) => [relative(root, path).replaceAll('\\', '/'), (await file(path)) ?? ''] as const),
      );
      return Object.fromEntries(entries);
    },
    async save() {
      if (!changed) return;
      changed = false;
      await mkdir(dirname(memory), { recursive: true });
      const temporary = `${memory}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(remembered));
      await rename(temporary, memory);
    },
  };
}

async function readMemory(path: string): Promise<Remembered> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Remembered;
  } catch {
    return {};
  }
}

/** SHA-256 of a file's content, read in pieces, 64 hex digits. */
export async function hashFile(path: string): Promise<string> {
  const hasher = (await createSHA256()).init();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hasher.update(chunk as Uint8Array);
  return hasher.digest('hex');
}
