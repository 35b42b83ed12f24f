import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nvidiaAccelerators } from '../machine/host.ts';
import type { Finding } from '../record/schema.ts';
import type { Environment } from '../worker/manifest.ts';
import { readContext } from './build-context.ts';
import { findEngine, hasInit, isApart, limitsMemory, versionOf } from './engine.ts';
import type { Engine } from './engine.ts';
import { inspectImage } from './image.ts';
import { buildImage, builtImage } from './image-build.ts';
import { supervisorLabels } from './leftovers.ts';
import type { Container, PreparedEnvironment, PrepareOptions } from './prepared.ts';
import { findSif, makeSif, sifFolder } from './sif.ts';
import {
  containerFileUnreadable,
  containerUnsupported,
  imageByTag,
  lacks,
  memoryUnlimited,
  sourcesUnpinned,
} from './texts.ts';
import { unpinnedSources } from './unpinned.ts';

type Wanted = Extract<Environment, { type: 'container' }>;

/** The image that is there, by which it is run and what the record says of it; and how it is made where it can be. */
interface Image {
  ready: Ran | null;
  make(): Promise<Ran>;
}
interface Ran extends Pick<Container, 'image' | 'unpinned'> {
  /** Of its content. */
  id: string;
}

/**
 * Finds engine, GPU and image, and says how the image is made where a worker's own file or Apptainer make it. It makes
 * nothing itself.
 * @throws EnvironmentError that lists all that is missing
 */
export async function containerEnvironment(
  wanted: Wanted,
  options: PrepareOptions,
  folder: string,
): Promise<{ ready: PreparedEnvironment | null; build: () => Promise<PreparedEnvironment> }> {
  const { worker } = options;
  const engine = findEngine();
  const needsGpu = wanted.requires?.accelerator === 'nvidia';
  const missing: string[] = [];
  if (typeof engine === 'string') missing.push(engine);
  if (needsGpu && nvidiaAccelerators().length === 0) missing.push(lacks.nvidia());
  const image = typeof engine === 'string' ? lackingImage(wanted) : await imageOf(engine, wanted, options, folder);
  if (typeof image === 'string') missing.push(image);
  if (typeof engine === 'string' || image === null || typeof image === 'string' || missing.length > 0)
    throw containerUnsupported(worker.name, missing);
  const prepared = (ran: Ran) => preparedWith(engine, ran, { wanted, options, folder });
  return {
    ready: image.ready && (await prepared(image.ready)),
    build: async () => prepared(await image.make()),
  };
}

const lackingImage = ({ image }: Wanted): string | null => (image === undefined ? null : lacks.image('docker', image));

// Podman leaves it out.
const SHA256 = 'sha256:';
const DIGEST = /@(sha256:[0-9a-f]{64})$/;

async function preparedWith(
  engine: Engine,
  { id, ...ran }: Ran,
  { wanted, options: { worker, signal }, folder }: { wanted: Wanted; options: PrepareOptions; folder: string },
): Promise<PreparedEnvironment> {
  const cacheDir = join(folder, `${worker.name}-container`);
  await mkdir(cacheDir, { recursive: true });
  const container: Container = {
    engine: engine.path,
    ...ran,
    name: wanted.image ?? null,
    needsGpu: wanted.requires?.accelerator === 'nvidia',
    network: wanted.network ?? 'none',
    isApart: isApart(engine.path),
    hasInit: hasInit(engine),
    limitsMemory: await limitsMemory(engine, signal),
    labels: await supervisorLabels(),
  };
  const digest = DIGEST.exec(wanted.image ?? '')?.[1];
  const versions = {
    image: id.startsWith(SHA256) ? id : `${SHA256}${id}`,
    // Engines have ids of their own for one image.
    ...(digest !== undefined && { image_digest: digest }),
    [engine.name]: await versionOf(engine, signal),
  };
  return { python: null, modules: null, container, interpreter: null, cacheDir, versions };
}

/** A text that says what is missing where nothing here makes the image. */
async function imageOf(
  engine: Engine,
  wanted: Wanted,
  options: PrepareOptions,
  folder: string,
): Promise<Image | string> {
  const { worker, signal } = options;
  const { image, build } = wanted;
  if (build !== undefined) return imageFromFile(engine, build, options, folder);
  if (engine.name === 'apptainer') {
    const root = sifFolder(folder, worker.name, image!);
    const found = await findSif(root);
    const ran = ({ file, id }: { file: string; id: string }): Ran => ({ image: file, id, unpinned: [] });
    return { ready: found && ran(found), make: async () => ran(await makeSif(engine, image!, root, options)) };
  }
  const found = await inspectImage(engine, image!, { isBuilt: false, signal });
  if (found.id === null) return found.problem;
  // By its id: a tag may be moved while a study runs.
  const ready = { image: found.id, id: found.id, unpinned: [] };
  return { ready, make: () => Promise.resolve(ready) };
}

async function imageFromFile(
  engine: Engine,
  build: NonNullable<Wanted['build']>,
  options: PrepareOptions,
  folder: string,
): Promise<Image | string> {
  const { workspaceRoot, worker } = options;
  if (engine.name === 'apptainer') return lacks.builder(build.file);
  const context = await readContext(join(workspaceRoot, worker.root), build).catch((cause: unknown) => {
    throw containerFileUnreadable(worker.name, build.file, cause);
  });
  const parts = { engine, build, context };
  const ran = (id: string): Ran => ({ image: id, id, unpinned: unpinnedSources(context.steps) });
  const found = await builtImage(parts, options);
  return {
    ready: found === null ? null : ran(found),
    make: async () => ran(await buildImage(parts, options, folder)),
  };
}

/** What a record says of an image that may become another one without a new digest, and of a limit that nothing enforces. */
export function findingsOf(
  { container, versions }: PreparedEnvironment,
  memory_limit_bytes: number | null = null,
): Finding[] {
  if (container === null) return [];
  const { name, unpinned, limitsMemory: isLimited } = container;
  return [
    ...(name === null || name.includes('@') ? [] : [imageByTag(name, versions['image']!)]),
    ...(unpinned.length === 0 ? [] : [sourcesUnpinned(unpinned, versions['image']!)]),
    ...(isLimited || memory_limit_bytes === null ? [] : [memoryUnlimited]),
  ];
}
