import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeAtomically } from '../base/whole-file.ts';
import type { Engine } from './engine.ts';
import { underLock } from './once.ts';
import type { PrepareOptions } from './prepared.ts';
import { sifFailed } from './texts.ts';
import { runTool } from './tool.ts';

/** An image as one file, as Apptainer runs it. */
export interface Sif {
  /** Absolute path. */
  file: string;
  /** SHA-256 of the file, `sha256:` and 64 hex digits. */
  id: string;
}

/** The folder of the file that is made of an image of a registry, for machines like this one. */
export const sifFolder = (folder: string, worker: string, image: string): string =>
  join(folder, `${worker}-sif-${createHash('sha256').update(`${image} ${arch()}`).digest('hex').slice(0, 12)}`);

const fileIn = (root: string): string => join(root, 'image.sif');
const hashIn = (root: string): string => join(root, 'image.sha256');

/** The file where it is there and whole; null otherwise. */
export async function findSif(root: string): Promise<Sif | null> {
  try {
    const id = (await readFile(hashIn(root), 'utf8')).trim();
    await access(fileIn(root));
    return { file: fileIn(root), id };
  } catch {
    return null;
  }
}

/**
 * Fetches an image from its registry and makes one file of it, unless another process has done so meanwhile.
 * @throws EnvironmentError with the last lines of Apptainer
 */
export async function makeSif(engine: Engine, image: string, root: string, options: PrepareOptions): Promise<Sif> {
  const { worker, onProgress, signal } = options;
  const say = (line: string) => onProgress?.(`creating environment ${worker.name} (${engine.name}): ${line}`);
  return underLock(root, options, async (lock) => {
    const ready = await findSif(root);
    if (ready !== null) return ready;
    await rm(root, { recursive: true, force: true });
    await mkdir(root);
    const begin = performance.now();
    say(`fetching ${image}, and making one file of it`);
    const unfinished = `${fileIn(root)}.tmp`;
    const args = ['build', '--force', unfinished, addressOf(image)];
    const { code, tail } = await runTool(engine.path, {
      args,
      cwd: root,
      lockFd: lock.fd,
      ...(signal ? { signal } : {}),
    });
    if (code !== 0) throw sifFailed(worker.name, code, tail);
    const id = `sha256:${await hashOf(unfinished)}`;
    await rename(unfinished, fileIn(root));
    // Written last: a file without it is none.
    await writeAtomically(hashIn(root), `${id}\n`);
    say(`ready in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    return { file: fileIn(root), id };
  });
}

/** Apptainer takes a tag or a digest, not both; where there is a digest, it says all. */
export const addressOf = (image: string): string => `docker://${image.replace(/:[^:/@]+(?=@sha256:)/, '')}`;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
