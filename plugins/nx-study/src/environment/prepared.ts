import type { Worker } from '../worker/manifest.ts';

/** An environment that is complete: where its programs and folders are, and what it was made with. */
export interface PreparedEnvironment {
  /** Absolute path of the environment's interpreter; null for `system`. */
  python: string | null;
  /** Absolute path of its `node_modules`; null where it has none. */
  modules: string | null;
  /** Such as `CPython 3.12.1`; null for `system`. */
  interpreter: string | null;
  /** A folder kept with the environment, for compile caches and the like; absolute, exists. */
  cacheDir: string;
  /** Where its commands run; null for this system itself. */
  container: Container | null;
  /** The versions that it was made with: `python`, `uv`, `npm`; empty for `system`. */
  versions: Record<string, string>;
}

export interface PrepareOptions {
  /** Absolute. */
  workspaceRoot: string;
  worker: Pick<Worker, 'name' | 'root' | 'manifest'>;
  /** Which of the environment's variants; null (the default) where it has only one. */
  variant?: string | null;
  /** A lock in place of the worker's, relative to the workspace; null (the default) for none. */
  own?: string | null;
  /** Default: NX_STUDY_CACHE_DIR, or the user's cache folder. */
  cacheDir?: string;
  /** Called with a line for people whenever something takes a while; never when the environment is ready. */
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

export interface Container {
  /** Absolute path of docker, podman or apptainer. */
  engine: string;
  /** By which the engine runs it: its id, or the path of Apptainer's file. */
  image: string;
  /** The image as the manifest names it; null where it is built from a file of the worker. */
  name: string | null;
  /** What it was built from without a digest. */
  unpinned: string[];
  /** Whether it computes on a GPU whatever is measured. */
  needsGpu: boolean;
  network: 'none' | 'host';
  /** Whether its processes are the engine's and not children of ours. */
  isApart: boolean;
  /** Whether the engine can give it a first process that passes signals on. */
  hasInit: boolean;
  /** Whether the engine can enforce a limit of memory here. */
  limitsMemory: boolean;
  /** Of this process, which will supervise it; name → value. */
  labels: Record<string, string>;
}
