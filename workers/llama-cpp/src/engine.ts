import type { JsonObject, Run } from '../../kits/node/index.ts';
import type { Engine, Generated, Workload } from '../../kits/node/inference/index.ts';
import type { Configuration } from '../config.d.ts';
import { importBinding, installedGpus, modulesFolder } from './binding.ts';
import type { Binding, Gpu, Llama, LlamaContext, LlamaModel, LlamaSequence } from './binding.ts';
import { contextError, engineError, loadingError } from './errors.ts';
import { ggufFiles } from './files.ts';
import { EngineLog } from './log.ts';
import { BATCH_TOKENS, checkCombination, contextOf, gpuOf, threadsOf } from './settings.ts';

/** llama.cpp through node-llama-cpp, as the kit drives it. */
export class LlamaCpp implements Engine {
  readonly name = 'llama.cpp';
  readonly prefillMethod = 'forward';
  readonly modelFiles: [string, ...string[]];
  version: string | null = null;
  through: string | null = null;
  gpus: number[] = [];

  readonly #task: Run;
  readonly #configuration: Required<Configuration>;
  readonly #gpu: Gpu;
  readonly #threads: number;
  readonly #log = new EngineLog();
  #binding!: Binding;
  #llama: Llama | null = null;
  #model!: LlamaModel;
  #context!: LlamaContext;
  #sequences: LlamaSequence[] = [];

  constructor(task: Run) {
    const { request, events } = task;
    this.#task = task;
    this.#configuration = request.configuration as unknown as Required<Configuration>;
    this.modelFiles = ggufFiles(this.#configuration.model);
    this.#gpu = gpuOf(this.#configuration, installedGpus(modulesFolder()));
    this.#threads = threadsOf(this.#configuration, request.allowance.cpus, events.warning.bind(events));
    checkCombination(this.#configuration, this.#gpu);
  }

  async importModules(): Promise<void> {
    this.#binding = await importBinding();
    this.through = `node-llama-cpp ${await this.#binding.getModuleVersion()}`;
    this.#llama = await this.#start();
    this.version = this.#llama.llamaCppRelease.release;
    if (this.#llama.gpu === 'cuda') this.gpus = [...(await this.#llama.getGpuDeviceNames()).keys()];
  }

  /** Takes a ready binary or none: compiling and downloading have no place in a measurement. */
  async #start(): Promise<Llama> {
    try {
      return await this.#binding.getLlama({
        gpu: this.#gpu,
        build: 'never',
        skipDownload: true,
        progressLogs: false,
        maxThreads: this.#threads,
        logLevel: 'log',
        logger: (level, message) => this.#log.write(level, message),
      });
    } catch (error) {
      throw engineError(error, this.#gpu, this.#binding);
    }
  }

  async readModel(): Promise<void> {
    const [modelPath] = this.modelFiles;
    const { gpu_layers, mmap } = this.#configuration;
    const gpuLayers = this.#gpu === false ? 0 : (gpu_layers ?? 'max');
    try {
      this.#model = await this.#llama!.loadModel({ modelPath, gpuLayers, useMmap: mmap });
    } catch (error) {
      throw loadingError(error, modelPath, this.#log.errors, this.#binding);
    }
  }

  async makeContext(workloads: Workload[]): Promise<null> {
    const { sequences, contextSize } = contextOf(this.#configuration, workloads);
    const { flash_attention, kv_cache_key, kv_cache_value } = this.#configuration;
    this.#warnBeyondTraining(contextSize);
    try {
      this.#context = await this.#model.createContext({
        sequences,
        contextSize,
        batchSize: BATCH_TOKENS,
        threads: { ideal: this.#threads, min: this.#threads },
        flashAttention: flash_attention,
        experimentalKvCacheKeyType: kv_cache_key.toUpperCase(),
        experimentalKvCacheValueType: kv_cache_value.toUpperCase(),
        failedCreationRemedy: false,
      });
    } catch (error) {
      throw contextError(error, this.#log.errors, this.#binding);
    }
    this.#sequences = Array.from({ length: sequences }, () => this.#context.getSequence());
    return null;
  }

  #warnBeyondTraining(contextSize: number): void {
    const { trainContextSize } = this.#model;
    if (contextSize <= trainContextSize) return;
    this.#task.events.warning(
      'beyond-training-context',
      `sequences of up to ${contextSize} tokens, but the model was trained on ${trainContextSize}: ` +
        'what it writes beyond means nothing, speed and memory do',
    );
  }

  async reset(): Promise<void> {
    for (const sequence of this.#sequences) await sequence.clearHistory();
  }

  /** Step by step for all sequences: left to themselves they fall out of step, and share no batch any more. */
  async generate(prompts: number[][], newTokens: number): Promise<Generated> {
    const begin = performance.now();
    const streams = prompts.map((prompt, index) =>
      this.#sequences[index]!.evaluate(prompt, { temperature: 0, yieldEogToken: true }),
    );
    const times_s: number[] = [];
    const produced = prompts.map(() => 0);
    for (let step = 0; step < newTokens; step += 1) {
      const steps = await Promise.all(streams.map((stream) => stream.next()));
      times_s.push((performance.now() - begin) / 1000);
      for (const [index, { done }] of steps.entries()) if (!done) produced[index]! += 1;
    }
    await Promise.all(streams.map((stream) => stream.return()));
    return { tokenTimes_s: [times_s], newTokens: produced };
  }

  async prefill(prompts: number[][]): Promise<number> {
    const begin = performance.now();
    await Promise.all(
      prompts.map((prompt, index) => this.#sequences[index]!.evaluateWithoutGeneratingNewTokens(prompt)),
    );
    return (performance.now() - begin) / 1000;
  }

  allowedIds(): number[] {
    const model = this.#model;
    return [...model.iterateAllTokens()]
      .filter((token) => !model.isSpecialToken(token) && !model.isEogToken(token))
      .sort((a, b) => a - b);
  }

  encode(text: string): number[] {
    return this.#model.tokenize(text);
  }

  describeModel() {
    const type = this.#model.fileInfo.metadata.general.file_type;
    const name = type === undefined ? undefined : this.#binding.GgufFileType[type];
    return {
      format: 'gguf' as const,
      weights: 'real' as const,
      weights_format: name?.replace(/^(MOSTLY|ALL)_/, '').toLowerCase() ?? null,
      parameters: this.#model.fileInsights.totalParameters,
    };
  }

  effective(): JsonObject {
    const { flashAttention, keyType, valueType } = this.#log.facts;
    return {
      device: this.#llama!.gpu || 'cpu',
      threads: this.#context.currentThreads,
      gpu_layers: this.#model.gpuLayers,
      mmap: this.#model.useMmap,
      context_size: this.#context.contextSize,
      flash_attention: flashAttention,
      kv_cache_key: keyType,
      kv_cache_value: valueType,
    };
  }

  memoryPeaks() {
    return { kv_cache_bytes: this.#log.facts.kvCacheBytes ?? "llama.cpp's log doesn't tell" };
  }

  build(): JsonObject {
    const { batchTokens, microBatchTokens, backends, modelBuffers } = this.#log.facts;
    return {
      repository: this.#llama!.llamaCppRelease.repo,
      type: this.#llama!.buildType,
      system_info: this.#llama!.systemInfo.trim(),
      backends,
      batch_tokens: batchTokens,
      micro_batch_tokens: microBatchTokens,
      model_buffers_mib: modelBuffers,
    };
  }

  async close(): Promise<void> {
    await this.#llama?.dispose();
  }
}
