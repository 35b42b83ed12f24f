import type { JsonObject } from '../json.ts';
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
  /** Complete, with defaults; data files are absolute paths. */
  configuration: JsonObject;
  /** In [0, 2³²). */
  seed: number;
  allowance: { cpus: number };
  time_limit_s: number | null;
  /** A folder kept with the worker's environment. */
  cache_dir: string;
}
