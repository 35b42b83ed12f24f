import { join, posix } from 'node:path';
import { canonicalJson, sha256 } from '../base/canonical.ts';
import { tsx } from '../environment/tsx.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Identity } from '../record/schema.ts';
import { PROTOCOL } from '../worker/manifest.ts';
import type { Environment, Worker } from '../worker/manifest.ts';
import { isNegation, isOfWorkspace, workerPatterns } from '../worker/patterns.ts';
import { measuredProjects } from '../worker/projects.ts';
import type { AssetView } from '../assets/view.ts';
import type { Contents } from './content.ts';
import type { Sources } from './sources.ts';
import { mapPaths, valueAt } from '../base/path.ts';
import type { MeasureOptions } from './task.ts';
import { identityVariable } from './variables.ts';
import { lockFiles, ownLock } from '../worker/lock-files.ts';

/** Hashes of a worker's code and environments: its share of the identity of its measurements. */
export interface WorkerContent {
  /** Hash over the measuring code, the kit and the command. */
  measuring: string;
  /** Hash over the deriving code, its command and its environment; null when the worker has no `derive`. */
  deriving: string | null;
  /** Variant of the environment (null where there is one only) → its entry in an identity. */
  environments: ReadonlyMap<string | null, string | null>;
  /** The entry of an environment of that variant that is made from a lock with that hash. */
  environmentOf(variant: string | null, lock: string | null): string;
}

/** Hashes a worker's code as it is now. */
export async function workerContent(workspaceRoot: string, worker: Worker, contents: Contents): Promise<WorkerContent> {
  const { commands, env } = worker.manifest;
  const hash = await hasher();
  const folder = join(workspaceRoot, worker.root);
  const files = (patterns: string[]) =>
    contents.glob(folder, workerPatterns({ workspaceRoot, root: worker.root }, patterns));
  const { projects } = await measuredProjects(workspaceRoot, worker);
  const ofProjects = await contents.files(
    folder,
    projects.flatMap((project) => project.files),
  );
  const environments = await environmentHashes(workspaceRoot, worker, contents, hash);
  // Whichever variant was measured in, deriving runs in the same one.
  const environment = environments.has(null) ? environments.get(null)! : Object.fromEntries(environments);
  const invoked = (command: string[]) => ({ command, env, ...runnerOf([...command, ...Object.values(env)]) });
  const derivesOn = commands.derive ? nodeOf(worker, commands.derive) : null;
  const node = derivesOn === null ? {} : { node: derivesOn };
  return {
    environments,
    environmentOf: (variant, lock) => hash(uvEnvironment(worker, variant, lock)),
    measuring: hash({
      ...invoked(commands.measure),
      files: { ...(await files(worker.manifest.measuring)), ...ofProjects },
    }),
    deriving: commands.derive
      ? hash({ ...invoked(commands.derive), environment, ...node, files: await files(worker.manifest.deriving) })
      : null,
  };
}

// The version of tsx counts as measuring code. This plugin pins it exactly.
const runnerOf = (texts: string[]): { tsx?: string } =>
  texts.some((text) => text.includes('{tsx}')) ? { tsx: tsx.version } : {};

// Only Node's major version is part of an identity, as only the version range of Python is.
const majorOfNode = (): string => process.versions.node.split('.')[0]!;

/** The major version of the Node that runs Nx, where a command runs on it and the environment doesn't say so already. */
function nodeOf({ manifest: { environment, env } }: Worker, command: string[]): string | null {
  // A container has a Node of its own.
  if (environment.type === 'npm' || environment.type === 'container') return null;
  const isUsed = [...command, ...Object.values(env)].some((text) => /\{(node|tsx)\}/.test(text));
  return isUsed ? majorOfNode() : null;
}

async function environmentHashes(
  workspaceRoot: string,
  worker: Worker,
  contents: Contents,
  hash: (value: Json) => string,
): Promise<Map<string | null, string | null>> {
  const { root, manifest } = worker;
  const { environment } = manifest;
  const node = nodeOf(worker, manifest.commands.measure);
  if (environment.type === 'system') return new Map([[null, node === null ? null : `node ${node}`]]);
  if (environment.type === 'container') {
    return new Map([[null, hash(await containerParts(join(workspaceRoot, root), environment, contents))]]);
  }
  const hashes = new Map<string | null, string>();
  for (const [variant, files] of lockFiles(environment)) {
    const found = await Promise.all(files.map((file) => contents.file(join(workspaceRoot, root, file))));
    const npm = { ...nameOf(variant), npm: found, node: majorOfNode() };
    hashes.set(variant, hash(environment.type === 'npm' ? npm : uvEnvironment(worker, variant, found[0]!)));
  }
  return hashes;
}

/** What the container is that a worker runs in: known without any engine. */
async function containerParts(
  folder: string,
  { image, build, requires, network }: Extract<Environment, { type: 'container' }>,
  contents: Contents,
): Promise<JsonObject> {
  const declared = { requires: requires ?? null, ...(network !== undefined && { network }) };
  if (build === undefined) return { image: image!, ...declared };
  const { file, context } = build;
  const steps = await contents.file(join(folder, file));
  return { build: { file, steps, context: await contents.glob(folder, context) }, ...declared };
}

/** What an environment of uv is made from. */
function uvEnvironment(worker: Worker, variant: string | null, lock: string | null): JsonObject {
  const { environment, commands } = worker.manifest;
  const node = nodeOf(worker, commands.measure);
  const python = environment.type === 'uv' ? environment.python : null;
  return { ...nameOf(variant), python, lock, ...(node !== null && { node }) };
}

const nameOf = (variant: string | null): JsonObject => (variant === null ? {} : { variant });

/** The identity of a measurement: everything that can change its outcome, by the files as they are now. */
export async function identify(
  workspaceRoot: string,
  task: Omit<MeasureOptions, 'digest' | 'accepted' | 'study' | 'id' | 'expect'>,
  { worker, content }: { worker: Worker; content: WorkerContent },
  sources: Sources,
): Promise<Identity> {
  const { assets } = sources;
  return {
    protocol: PROTOCOL,
    worker: task.worker,
    configuration: await withAssets(await withHashes(workspaceRoot, task, sources), task, assets),
    code: content.measuring,
    environment: await environmentOf(workspaceRoot, task, { worker, content }, sources),
    platform: await platformKey(task.platform, sources),
    cpus: task.cpus,
    env: Object.fromEntries(worker.manifest.passEnvironment.map((name) => [name, identityVariable(name)])),
    repetition: task.repetition,
    seed: task.seed,
    take: task.take,
  };
}

/** The environment's share of an identity: by a lock of the study's own where it names one. */
async function environmentOf(
  workspaceRoot: string,
  { variant, configuration }: Pick<MeasureOptions, 'variant' | 'configuration'>,
  { worker, content }: { worker: Worker; content: WorkerContent },
  { contents }: Sources,
): Promise<string | null> {
  const lock = ownLock(worker.manifest.environment, configuration);
  if (lock === null) return content.environments.get(variant) ?? null;
  return content.environmentOf(variant, await contents.file(join(workspaceRoot, lock)));
}

/**
 * Hash over the command `doctor` of a worker and the code that it may run: files that the patterns of the manifest name, also where
 * others leave them out, as they do with code that only looks at a measurement; and those that the command itself names.
 */
export async function doctorContent(workspaceRoot: string, worker: Worker, contents: Contents): Promise<string> {
  const { root, manifest } = worker;
  const command = manifest.doctor?.command ?? [];
  const named = command
    .filter((text) => /^\{(worker|kits)\}\//.test(text))
    .map((text) => text.replace('{worker}/', ''));
  const patterns = [...manifest.measuring, ...manifest.deriving, ...named];
  const own = patterns.filter((pattern) => !isNegation(pattern) && !isOfWorkspace(pattern));
  const files = await contents.glob(join(workspaceRoot, root), workerPatterns({ workspaceRoot, root }, own));
  return (await hasher())({ command, files });
}

/**
 * The digest of what the command `doctor` says of a measurement: by the settings that it reads and the contents of their files, by
 * its code and the worker's, and by the environment. Settings that name assets count by these names.
 */
export async function doctorDigest(
  workspaceRoot: string,
  task: Pick<MeasureOptions, 'worker' | 'configuration' | 'dataFiles' | 'pythonFiles' | 'variant'>,
  known: { worker: Worker; content: WorkerContent; doctor: string },
  sources: Sources,
): Promise<string> {
  const hashed = await withHashes(workspaceRoot, task, sources);
  const { settings = [] } = known.worker.manifest.doctor ?? {};
  return (await hasher())({
    worker: task.worker,
    configuration: Object.fromEntries(Object.entries(hashed).filter(([name]) => settings.includes(name))),
    code: known.content.measuring,
    doctor: known.doctor,
    environment: await environmentOf(workspaceRoot, task, known, sources),
  });
}

/** The platform's share of an identity: nothing for `any`, the fingerprint of this host, or a profile's name and rules. */
async function platformKey(platform: string, { host, profile }: Sources): Promise<JsonObject | null> {
  if (platform === 'any') return null;
  return platform === 'host' ? host() : profile(platform);
}

/** The digest of an identity: 64 hex digits. */
export async function digestOf(identity: Identity): Promise<string> {
  return (await hasher())(identity);
}

async function hasher(): Promise<(value: Json) => string> {
  const hash = await sha256();
  return (value) => hash(canonicalJson(value));
}

/**
 * The configuration with each data file as {sha256}, where null stands for a file that isn't there. A Python file has its
 * modules as well: path from its folder → SHA-256.
 */
async function withHashes(
  workspaceRoot: string,
  { configuration, dataFiles, pythonFiles }: Pick<MeasureOptions, 'configuration' | 'dataFiles' | 'pythonFiles'>,
  { contents, modules }: Sources,
): Promise<JsonObject> {
  const hashes = new Map<string, JsonObject>();
  for (const path of dataFiles) {
    const file = valueAt(configuration, path);
    if (typeof file === 'string') hashes.set(file, { sha256: await contents.file(join(workspaceRoot, file)) });
  }
  const imported = new Map<string, JsonObject>();
  for (const path of pythonFiles) {
    const file = valueAt(configuration, path);
    if (typeof file !== 'string') continue;
    const hashed = modules(file).files.map(
      async (module) =>
        [posix.relative(posix.dirname(file), module), await contents.file(join(workspaceRoot, module))] as const,
    );
    imported.set(file, { ...hashes.get(file), modules: Object.fromEntries(await Promise.all(hashed)) });
  }
  const data = dataFiles.filter((path) => !pythonFiles.includes(path));
  const withData = mapPaths(configuration, data, (file) => hashes.get(file)!);
  return mapPaths(withData, pythonFiles, (file) => imported.get(file)!);
}

/** The configuration with each asset as the hash of its contents. */
async function withAssets(
  configuration: JsonObject,
  { assets: paths, unhashed }: Pick<MeasureOptions, 'assets' | 'unhashed'>,
  assets: AssetView,
): Promise<JsonObject> {
  let result = configuration;
  for (const path of paths) {
    const value = valueAt(configuration, path);
    if (typeof value !== 'string') continue;
    const identity = await assets.identityOf(value, unhashed.includes(path));
    result = mapPaths(result, [path], () => identity);
  }
  return result;
}
