import type { Message } from '../dataset/index.ts';
import type { JsonObject } from '../request.ts';
import type { Workload } from './workloads.ts';

/** One finished call of `generate`. */
export interface Generated {
  /**
   * When each token was available to the caller, in seconds since the call's work began: a list for each sequence, or
   * a single one when all sequences advance together.
   */
  tokenTimes_s: number[][];
  /** Tokens really produced, for each sequence: counted, never copied from what was asked. */
  newTokens: number[];
  /** Tokens that were in each prompt, where the engine counts them itself. */
  promptTokens?: number[];
}

/** What else is known without the engine: name and sha256 of the setting `model`, the size of `modelFiles`. */
export interface ModelDescription {
  format: 'gguf' | 'safetensors' | 'config' | 'served';
  /** `random`: a synthetic model. */
  weights: 'real' | 'random' | 'unknown';
  name?: string;
  sha256?: string | null;
  /** As stored. */
  weights_format?: string | null;
  parameters?: number | null;
  file_bytes?: number | null;
}

/** Names of an engine's own peaks of memory. */
export type EnginePeak = 'torch_allocated_peak_bytes' | 'torch_reserved_peak_bytes' | 'kv_cache_bytes';

/**
 * An inference engine inside this process, as the kit drives it: `importModules`, `readModel`, `makeContext`; then
 * for each pass `reset` and `generate` or `prefill`, again and again; at the end `effective`, `versions` and, once the
 * result is on the disk or the measurement has failed, `close`. One call at a time. What can't be done throws
 * `Unsupported`; memory that ran out throws `OutOfMemory`. Names in JSON are as in the result.
 */
export interface Engine {
  name: string;
  /** The engine's; read after `importModules`. */
  version?: string | null;
  /** A binding that takes time of its own, with its version. */
  through?: string | null;
  /** What a prefill pass does; none: there is no such pass. */
  prefillMethod?: 'forward' | 'one-token' | null;
  /** Files or folders that loading reads, known before `importModules`; none: the model isn't local. */
  modelFiles: string[];
  /** From `compileCacheFolder`, where the engine compiles. */
  compileCache?: string;
  /** Those in use, read after `importModules`: CUDA ordinals, or UUIDs such as "GPU-…". */
  gpus?: (number | string)[];

  /** Imports the engine's libraries; timed as `import_s`. */
  importModules?(): Promise<void>;
  /** Loads the weights to where they compute; timed as `read_s`. */
  readModel(): Promise<void>;
  /**
   * Makes what the workloads need beside the weights, such as a cache; timed as `context_s`. Returns null, or why there
   * is no such time of its own. Without the method that reason is the kit's.
   */
  makeContext?(workloads: Workload[]): Promise<string | null>;
  describeModel(): ModelDescription;
  /** Ids of the vocabulary, ascending, without special and control tokens: random prompts use only these. */
  allowedIds(): number[];
  /** Token ids of a text of a file, without special tokens around it. */
  encode?(text: string): number[];
  /** Messages as the model's chat template writes them, up to where its answer begins. */
  chatText?(messages: readonly Message[]): string;
  /** Forgets all sequences: caches of keys and values, and of prefixes. Not timed; before every call. */
  reset?(): Promise<void>;
  /** Exactly `newTokens` for each prompt, greedily, past any end of sequence. Prompts of a call are equally long. */
  generate(prompts: number[][], newTokens: number): Promise<Generated>;
  /** Reads the whole prompts as `prefillMethod` says; returns the seconds that took. */
  prefill?(prompts: number[][]): Promise<number>;
  /** Settings as asked, where they are to differ from the configuration's own. */
  asked?(): JsonObject;
  /** Settings as they really are, under the configuration's names; null where the engine doesn't tell. */
  effective?(): JsonObject;
  /** Versions of the libraries that matter beside the engine. */
  versions?(): Record<string, string | null>;
  /** How the engine was built: flags, instruction sets, backends. */
  build?(): JsonObject;
  /** Starts the engine's own peaks anew, where it keeps any. */
  resetMemoryPeaks?(): void;
  /** Peaks since then: bytes, or a text that says why there is no number. */
  memoryPeaks?(): Partial<Record<EnginePeak, number | string>>;
  /** Ends what outlives the engine's objects, such as child processes. */
  close?(): Promise<void>;
}
