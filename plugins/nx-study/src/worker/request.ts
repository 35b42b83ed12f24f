import type { JsonObject } from '../base/json.ts';
import type { PROTOCOL } from './manifest.ts';

/** `request.json`: all that a worker gets to know. */
export interface Request {
  protocol: typeof PROTOCOL;
  study: string;
  id: string;
  label: string;
  repetition: number;
  take: number;
  digest: string;
  /** Complete, with defaults; data files and assets are absolute paths. */
  configuration: JsonObject;
  /** In [0, 2³²). */
  seed: number;
  allowance: { cpus: number };
  time_limit_s: number | null;
  /** A folder kept with the worker's environment. */
  cache_dir: string;
  /** Dotted path in the configuration → the asset that it names. */
  assets: Record<string, RequestedAsset>;
  /** A folder for what is made from assets, such as a converted model; shared by all environments. */
  assets_dir: string;
}

/** A model, or another large thing that is kept outside the workspace. */
export interface RequestedAsset {
  /** Its name in studies/assets.yaml; null for an absolute path. */
  name: string | null;
  /** Absolute; a file or a folder. */
  path: string;
  /** Of a file's content; of a folder, over its files' relative paths and hashes. 64 hex digits. */
  sha256: string;
  bytes: number;
  /** null when unknown. */
  licence: string | null;
}
