import { join, posix } from 'node:path';
import fastGlob from 'fast-glob';
import { z } from 'zod';
import { checkTexts } from './check-texts.ts';
import { isJsonObject } from '../base/json.ts';
import type { Json } from '../base/json.ts';
import { readLinked } from '../machine/regular-file.ts';
import { parseStrictly } from '../base/strict-json.ts';
import { constraintsSchema } from './constraints.ts';
import type { Constraints } from './constraints.ts';
import { lockedPackages, lockedVersions } from './locked-versions.ts';
import { manifestSchema } from './manifest.ts';
import type { Worker } from './manifest.ts';
import { workerTexts } from './texts.ts';
import { isInside } from '../base/inside.ts';
import { workersFolder } from '../workspace/places.ts';

/** The usable workers of a workspace by name, and the reasons why others are not. */
export class Workers extends Map<string, Worker> {
  /** Name → reason. */
  readonly broken = new Map<string, string>();
}

const NAME = /^[a-z][a-z0-9_-]*$/;

/**
 * Reads the contracts of all workers, `workers/<name>/worker.json`, sorted by name. A broken one is in `broken`, with the
 * reason, and the others can be used.
 * @throws only what the file system itself refuses.
 */
export async function readWorkers(workspaceRoot: string): Promise<Workers> {
  const workers = new Workers();
  const files = await fastGlob(`${workersFolder(workspaceRoot)}/*/worker.json`, {
    cwd: workspaceRoot,
    followSymbolicLinks: false,
  });
  for (const file of files.toSorted()) {
    const name = posix.basename(posix.dirname(file));
    try {
      workers.set(name, await readWorker(workspaceRoot, name));
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      workers.broken.set(name, error.message);
    }
  }
  return workers;
}

/** The name of a worker's folder. */
export const isWorkerName = (name: string): boolean => NAME.test(name);

/**
 * Reads the contract of one worker: its manifest and the JSON Schema of its configuration.
 * @param read - the JSON value of a file, by its path in the workspace; from the disk when left out.
 * @throws WorkerError when the name, the manifest or the schema is wrong or missing.
 */
export async function readWorker(
  workspaceRoot: string,
  name: string,
  read: (file: string) => unknown = (file) => readJson(workspaceRoot, file),
): Promise<Worker> {
  if (!isWorkerName(name)) throw new WorkerError(workerTexts.name(name));
  const root = `${workersFolder(workspaceRoot)}/${name}`;
  const file = `${root}/worker.json`;
  const parsed = parsedManifest(await read(file));
  if (!parsed.success) throw new WorkerError(workerTexts.manifest(file, inOneLine(parsed.error)));
  const schemaFile = posix.join(root, parsed.data.config);
  const configSchema = await read(schemaFile);
  if (!isJsonObject(configSchema)) throw new WorkerError(workerTexts.schema(schemaFile, 'it is not a JSON object'));
  const closed = configSchema.additionalProperties === false || configSchema.unevaluatedProperties === false;
  if (configSchema.type !== 'object' || !closed) throw new WorkerError(workerTexts.open(schemaFile));
  const { environment, check } = parsed.data;
  const by = 'variants' in environment ? environment.variants?.by : undefined;
  const isSetting = (name: string) =>
    isJsonObject(configSchema.properties) && Object.hasOwn(configSchema.properties, name);
  if (by !== undefined && !isSetting(by)) throw new WorkerError(workerTexts.variantKey(file, by, schemaFile));
  const own = 'own' in environment ? environment.own : undefined;
  if (own !== undefined && !isDataFile(configSchema.properties, own))
    throw new WorkerError(workerTexts.ownLock(file, own, schemaFile));
  const unknown = check?.settings.find((path) => !isSetting(path.split('.')[0]!));
  if (unknown !== undefined) throw new WorkerError(checkTexts.manifest(file, unknown, schemaFile));
  const { constraints } = parsed.data;
  const worker = { name, root, manifest: parsed.data, configSchema };
  if (constraints === undefined) return worker;
  const table = posix.join(root, constraints);
  return { ...worker, constraints: await readConstraints(workspaceRoot, worker, { table, value: await read(table) }) };
}

/** The table itself, with versions in the locks as they are on the disk. */
async function readConstraints(
  workspaceRoot: string,
  { root, manifest }: Worker,
  { table, value }: { table: string; value: unknown },
): Promise<Constraints> {
  const parsed = parsedConstraints(value);
  if (!parsed.success) throw new WorkerError(workerTexts.constraints(table, inOneLine(parsed.error)));
  const readText = (file: string) =>
    readLinked(join(workspaceRoot, root, file)).then(
      (content) => content.toString('utf8'),
      () => null,
    );
  const { engine, rules } = parsed.data;
  const named = rules.flatMap(({ packages }) => Object.keys(packages));
  const [locked, packages] = await Promise.all([
    lockedVersions(manifest.environment, engine.packages, readText),
    lockedPackages(manifest.environment, [...new Set(named)], readText),
  ]);
  return { ...parsed.data, locked, packages };
}

/** Whether a setting may hold a data file. */
function isDataFile(properties: unknown, name: string): boolean {
  const setting = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const { format, anyOf = [], oneOf = [] } = (isJsonObject(setting) ? setting : {}) as Record<string, Json>;
  const formats = [anyOf, oneOf].flat().map((one) => (isJsonObject(one) ? one['format'] : undefined));
  return [format, ...formats].includes('data-file');
}

const parsedManifest = onceEach((value) => manifestSchema.safeParse(value));
const parsedConstraints = onceEach((value) => constraintsSchema.safeParse(value));

/** Computes it once for each object: files whose text is unchanged give the same one. */
function onceEach<T>(compute: (value: unknown) => T): (value: unknown) => T {
  const before = new WeakMap<object, T>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return compute(value);
    const result = before.get(value) ?? compute(value);
    before.set(value, result);
    return result;
  };
}

/** A worker's own files are wrong. */
export class WorkerError extends Error {
  override name = 'WorkerError';
}

async function readJson(workspaceRoot: string, file: string): Promise<unknown> {
  const path = join(workspaceRoot, file);
  if (!isInside(workspaceRoot, path)) throw new WorkerError(workerTexts.outside(file));
  const content = await readLinked(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new WorkerError(workerTexts.missing(file));
    throw new WorkerError(workerTexts.json(file, error.message));
  });
  const text = content.toString('utf8');
  const known = texts.get(path);
  if (known?.text === text) return known.value;
  try {
    const value: unknown = parseStrictly(text);
    texts.set(path, { text, value });
    return value;
  } catch (error) {
    throw new WorkerError(workerTexts.json(file, (error as Error).message));
  }
}

/** Path → its last content, and what that says: it is read before and after each measurement, and rarely changes. */
const texts = new Map<string, { text: string; value: unknown }>();

const inOneLine = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');
