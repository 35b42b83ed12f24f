import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeldLock } from '../machine/lock.ts';
import { writeContext } from './build-context.ts';
import type { Build, BuildContext } from './build-context.ts';
import type { Engine } from './engine.ts';
import { CONTENT, inspectImage } from './image.ts';
import { underLock } from './once.ts';
import type { PrepareOptions } from './prepared.ts';
import { imageBuildFailed } from './texts.ts';
import { runTool } from './tool.ts';

export interface ImageBuild {
  engine: Engine;
  build: Build;
  context: BuildContext;
}

/** The name of the image that is built from a context. */
export const imageName = (worker: string, { hash }: BuildContext): string => `nx-study/${worker}:${hash.slice(0, 12)}`;

/** The id of an image that was built from that context; null where it must be built first. */
export async function builtImage(
  { engine, context }: Omit<ImageBuild, 'build'>,
  { worker, signal }: Pick<PrepareOptions, 'worker' | 'signal'>,
): Promise<string | null> {
  const found = await inspectImage(engine, imageName(worker.name, context), { isBuilt: true, signal });
  if (found.id !== null) return found.content === context.hash ? found.id : null;
  // An engine that doesn't answer can't build either, and says why.
  return null;
}

/**
 * Builds the image of a worker, unless another process has done so meanwhile; builds of the same image wait for each other.
 * Returns its id.
 * @throws EnvironmentError with the last lines of the engine
 */
export async function buildImage(image: ImageBuild, options: PrepareOptions, folder: string): Promise<string> {
  const { engine, context } = image;
  const { worker, onProgress } = options;
  const say = (line: string) => onProgress?.(`creating environment ${worker.name} (${engine.name}): ${line}`);
  return underLock(join(folder, `${worker.name}-image-${context.hash.slice(0, 12)}`), options, async (lock) => {
    const before = await builtImage(image, options);
    if (before !== null) return before;
    const begin = performance.now();
    say(`building an image from ${image.build.file}`);
    await runBuild(image, options, lock);
    const id = await builtImage(image, options);
    if (id === null) throw imageBuildFailed(worker.name, engine.name, null, 'it has no such image after the build');
    say(`ready in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    return id;
  });
}

async function runBuild(
  { engine, build, context }: ImageBuild,
  { worker, signal }: PrepareOptions,
  lock: HeldLock,
): Promise<void> {
  const staged = await mkdtemp(join(tmpdir(), 'nx-study-build-'));
  try {
    await writeContext(staged, context);
    const args = [
      'build',
      `--file=${join(staged, build.file)}`,
      `--tag=${imageName(worker.name, context)}`,
      `--label=${CONTENT}=${context.hash}`,
      staged,
    ];
    const run = { args, cwd: staged, lockFd: lock.fd, ...(signal ? { signal } : {}) };
    const { code, tail } = await runTool(engine.path, run);
    if (code !== 0) throw imageBuildFailed(worker.name, engine.name, code, tail);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}
