import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findNpm, npmEnvironment } from '../environment/npm.ts';
import { runTool } from '../environment/tool.ts';
import { assetErrors } from './texts.ts';
import type { Listening } from './hash.ts';
import type { Asset, Source } from './manifest.ts';
import { inScratch, runWatched, takePlain } from './scratch.ts';

/** Takes a file out of a package of npm, with the user's settings of npm: registry, proxy, certificates. */
export async function takeFromNpm(
  asset: Asset,
  { package: name, version, file }: NonNullable<Source['npm']>,
  target: string,
  listening: Listening,
): Promise<void> {
  const { signal } = listening;
  await inScratch(target, async (scratch) => {
    const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', scratch];
    const packed = await runWatched(asset, findNpm(), { args, cwd: scratch, env: npmEnvironment() }, listening);
    if (packed.code !== 0)
      throw assetErrors.package(asset.name, `npm pack failed with exit code ${packed.code ?? 'none'}`, packed.tail);
    const archive = (await readdir(scratch)).find((entry) => entry.endsWith('.tgz'));
    if (archive === undefined) throw assetErrors.package(asset.name, 'npm packed nothing', packed.tail);
    const unpacked = join(scratch, 'unpacked');
    await mkdir(unpacked);
    const untar = ['-xzof', join(scratch, archive), '-C', unpacked, `package/${file}`];
    // That it is not in the archive shows in the folder.
    await runTool('tar', { args: untar, cwd: scratch, ...(signal ? { signal } : {}) });
    await takePlain(asset, { folder: join(unpacked, 'package'), member: file, from: archive }, target);
  });
}
