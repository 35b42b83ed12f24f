import { mkdir, lstat, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from '../environment/tool.ts';
import type { ToolOutcome, ToolRun } from '../environment/tool.ts';
import { assetErrors } from './texts.ts';
import type { Listening } from './hash.ts';
import type { Asset } from './manifest.ts';
import { byteProgress } from './progress.ts';

/** Works in an empty folder beside the target, which is gone afterwards. */
export async function inScratch(target: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = join(dirname(target), 'scratch');
  await rm(scratch, { recursive: true, force: true });
  await rm(target, { force: true });
  await mkdir(scratch);
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const SAMPLE_MS = 1000;

/** Runs a program that downloads into its folder. pip and npm report no progress, so the size of the folder is shown. */
export async function runWatched(
  asset: Asset,
  program: string,
  tool: ToolRun,
  { onProgress, signal }: Listening,
): Promise<ToolOutcome> {
  const count = byteProgress(`fetching ${asset.name}`, asset.bytes, onProgress);
  let seen = 0;
  const sample = async () => {
    const bytes = await folderBytes(tool.cwd);
    if (bytes > seen) count(bytes - seen);
    seen = Math.max(seen, bytes);
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  try {
    return await runTool(program, { ...tool, ...(signal ? { signal } : {}) });
  } finally {
    clearInterval(timer);
  }
}

/** Moves an unpacked file out of its folder. A link is refused, for it may lead out of the package. */
export async function takePlain(
  asset: Asset,
  { folder, member, from }: { folder: string; member: string; from: string },
  target: string,
): Promise<void> {
  const path = join(folder, member);
  const found = await lstat(path).catch(() => null);
  if (found === null) throw assetErrors.member(asset.name, member, from, 'is not in it');
  const isPlain = found.isFile() && (await realpath(path)) === join(await realpath(folder), member);
  if (!isPlain) throw assetErrors.member(asset.name, member, from, 'is no plain file');
  await rename(path, target);
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const found = await Promise.all(files.map(({ parentPath, name }) => lstat(join(parentPath, name)).catch(() => null)));
  return found.reduce((sum, stats) => sum + (stats?.size ?? 0), 0);
}
