import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WorkerError } from '../../kits/node/index.ts';

/** Imports node-llama-cpp from the environment's packages. */
export async function importBinding(): Promise<Binding> {
  const { resolve } = createRequire(join(modulesFolder(), 'from.js'));
  return (await import(pathToFileURL(resolve('node-llama-cpp')).href)) as Binding;
}

/** The node_modules folder of the environment. */
export function modulesFolder(): string {
  const folder = process.env['WORKER_MODULES'];
  if (folder) return folder;
  throw new WorkerError('WORKER_MODULES is not set: it names the node_modules folder that node-llama-cpp lies in');
}

/** The GPUs that the installed binaries are for, such as `cuda`. */
export function installedGpus(modules: string): string[] {
  const names = readdirSync(join(modules, '@node-llama-cpp'));
  return names.flatMap((name) => /^\w+-\w+-(?<gpu>[a-z]+)$/.exec(name)?.groups?.['gpu'] ?? []);
}

/** What is used of node-llama-cpp 3.22.1; the packages are no dependencies of this repository. */
export interface Binding {
  getLlama(options: {
    gpu: Gpu;
    build: 'never';
    skipDownload: true;
    progressLogs: false;
    maxThreads: number;
    logLevel: string;
    logger: (level: string, message: string) => void;
  }): Promise<Llama>;
  getModuleVersion(): Promise<string>;
  /** Number → name, such as MOSTLY_Q4_1. */
  GgufFileType: Record<number, string | undefined>;
  NoBinaryFoundError: ErrorClass;
  InsufficientMemoryError: ErrorClass;
}

type ErrorClass = new (...args: never[]) => Error;
export type Gpu = 'cuda' | 'metal' | 'vulkan' | false;
export type Token = number;

export interface Llama {
  gpu: Gpu;
  buildType: string;
  llamaCppRelease: { repo: string; release: string };
  systemInfo: string;
  loadModel(options: { modelPath: string; gpuLayers: number | 'max'; useMmap: boolean }): Promise<LlamaModel>;
  getGpuDeviceNames(): Promise<string[]>;
  dispose(): Promise<void>;
  _bindings: Addon;
}

export interface LlamaModel {
  _model: object;
  fileInfo: {
    metadata: {
      general: { file_type?: number; architecture?: string };
      tokenizer?: { chat_template?: string };
    };
  };
  fileInsights: { totalParameters: number };
  gpuLayers: number;
  useMmap: boolean;
  trainContextSize: number;
  createContext(options: {
    sequences: number;
    contextSize: number;
    batchSize: number;
    threads: { ideal: number; min: number };
    flashAttention: boolean | 'auto';
    experimentalKvCacheKeyType: string;
    experimentalKvCacheValueType: string;
    failedCreationRemedy: false;
  }): Promise<LlamaContext>;
  tokenize(text: string, specialTokens: boolean): Token[];
  tokens: { bosString: string | null; eosString: string | null };
  iterateAllTokens(): Iterable<Token>;
  isSpecialToken(token: Token): boolean;
  isEogToken(token: Token): boolean;
}

export interface LlamaContext {
  /** Of each sequence. */
  contextSize: number;
  batchSize: number;
  totalSequences: number;
  currentThreads: number;
  _ctx: AddonContext;
}

/** The native part, below the binding's public interface: the lock holds its version. */
export interface Addon {
  AddonSampler: new (model: object) => AddonSampler;
}

export interface AddonContext {
  initBatch(tokens: number): void;
  /** Positions in `wanted` count within `tokens`; returned are those in the batch. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, wanted: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  /** −1: there is none. */
  sampleToken(logits: number, sampler: AddonSampler): Promise<Token>;
  disposeSequence(sequence: number): void;
}

export interface AddonSampler {
  applyConfig(config: { temperature: 0 }): void;
  dispose(): void;
}
