import { readFileSync } from 'node:fs';
import { WorkerError } from './errors.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A file or folder that nx-study brought here and verified. */
export interface Asset {
  /** null for one that the study names by its path. */
  name: string | null;
  path: string;
  sha256: string;
  bytes: number;
  licence: string | null;
}

/** What nx-study asks for; `configuration` is complete, its data files and assets are absolute paths. */
export interface Request {
  protocol: number;
  study: string;
  id: string;
  label: string;
  repetition: number;
  take: number;
  digest: string;
  configuration: JsonObject;
  seed: number;
  /** The study's own, which all repetitions share; undefined in a request of an earlier version. */
  study_seed?: number;
  allowance: { cpus: number };
  time_limit_s: number | null;
  /** Kept with the environment. */
  cache_dir: string;
  /** By dotted path in the configuration. */
  assets: Record<string, Asset>;
  /** Shared by all environments. */
  assets_dir: string;
  /** Python files by dotted path in the configuration: the file itself, then the modules that it imports. */
  modules: Record<string, string[]>;
}

export const PROTOCOL = 1;

const KEYS: (keyof Request)[] = [
  'protocol',
  'study',
  'id',
  'label',
  'repetition',
  'take',
  'digest',
  'configuration',
  'seed',
  'allowance',
  'time_limit_s',
  'cache_dir',
  'assets',
  'assets_dir',
];

/** Reads and checks a `request.json`; keys of a later, compatible protocol are ignored. */
export function readRequest(path: string): Request {
  const values = readObject(path);
  if (values.protocol !== PROTOCOL)
    throw new WorkerError(`${path}: protocol ${JSON.stringify(values.protocol)}, this worker speaks ${PROTOCOL}`);
  const missing = KEYS.filter((key) => !(key in values));
  if (missing.length > 0) throw new WorkerError(`${path}: missing ${missing.join(', ')}`);
  return Object.freeze({ modules: {}, ...values }) as unknown as Request;
}

function readObject(path: string): JsonObject {
  let values: JsonValue;
  try {
    values = JSON.parse(readFileSync(path, 'utf8')) as JsonValue;
  } catch (cause) {
    throw new WorkerError(`${path}: not a readable request (${String(cause)})`, { cause });
  }
  if (values === null || typeof values !== 'object' || Array.isArray(values))
    throw new WorkerError(`${path}: expected a JSON object, found ${JSON.stringify(values).slice(0, 40)}`);
  return values;
}
