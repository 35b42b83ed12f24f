import type { Message } from '../../kits/node/dataset/index.ts';
import type { JsonObject, Run } from '../../kits/node/index.ts';
import { workloadsOf } from '../../kits/node/inference/index.ts';
import type { Engine, Generated } from '../../kits/node/inference/index.ts';
import type { Configuration } from '../config.d.ts';
import { importBinding, installedGpus, modulesFolder } from './binding.ts';
import type { Binding, Gpu, Llama, LlamaContext, LlamaModel } from './binding.ts';
import { chatTextOf } from './chat.ts';
import { Decoder } from './decoder.ts';
import { ggufFiles } from './files.ts';
import { loadModel, makeContext, startLlama } from './loading.ts';
import { EngineLog } from './log.ts';
import { BATCH_TOKENS, checkCombination, checkDevice, gpuOf, roomOf, threadsOf } from './settings.ts';

// As other engines read a text: the name of a special token in it is that token. A chat template writes such names.
const READS_SPECIAL_TOKENS = true;

/** llama.cpp through node-llama-cpp, as the kit drives it. What can't be done is refused before anything is loaded. */
export class LlamaCpp implements Engine {
  readonly name = 'llama.cpp';
  readonly prefillMethod = 'forward';
  readonly modelFiles: [string, ...string[]];
  version: string | null = null;
  through: string | null = null;
  gpus: (number | string)[] = [];

  readonly #events: Run['events'];
  readonly #configuration: Required<Configuration>;
  readonly #gpu: Gpu;
  readonly #threads: number;
  readonly #room: { sequences: number; contextSize: number };
  readonly #log = new EngineLog();
  #binding!: Binding;
  #llama: Llama | null = null;
  #model!: LlamaModel;
  #context!: LlamaContext;
  #decoder: Decoder | null = null;

  constructor({ request, events }: Run) {
    this.#events = events;
    this.#configuration = request.configuration as unknown as Required<Configuration>;
    this.#gpu = gpuOf(this.#configuration, installedGpus(modulesFolder()));
    checkCombination(this.#configuration, this.#gpu);
    this.#threads = threadsOf(this.#configuration, request.allowance.cpus, events.warning.bind(events));
    this.#room = roomOf(this.#configuration, workloadsOf(request.configuration));
    this.modelFiles = ggufFiles(this.#configuration.model);
  }

  async importModules(): Promise<void> {
    this.#binding = await importBinding();
    this.#llama = await startLlama(this.#binding, this.#gpu, this.#threads, this.#log);
    const names = await this.#llama.getGpuDeviceNames();
    checkDevice(this.#gpu, this.#llama.gpu, names);
    this.version = this.#llama.llamaCppRelease.release;
    this.through = `node-llama-cpp ${await this.#binding.getModuleVersion()}`;
    if (this.#gpu === false) return;
    // NVML doesn't find a GPU by its name: without its energy there is none, rather than that of the processor alone.
    this.gpus = this.#gpu === 'cuda' ? [...names.keys()] : names;
  }

  async readModel(): Promise<void> {
    const { gpu_layers, mmap } = this.#configuration;
    const gpuLayers = this.#gpu === false ? 0 : (gpu_layers ?? ('max' as const));
    const options = { modelPath: this.modelFiles[0], gpuLayers, useMmap: mmap };
    this.#model = await loadModel(this.#llama!, options, this.#binding, this.#log);
    this.#warnBeyondTraining();
  }

  #warnBeyondTraining(): void {
    const [asked, trained] = [this.#room.contextSize, this.#model.trainContextSize];
    if (asked <= trained) return;
    this.#events.warning(
      'beyond-training-context',
      `room for ${asked} tokens, but the model was trained on ${trained}: what it writes beyond means nothing, ` +
        'speed and memory do',
    );
  }

  async makeContext(): Promise<null> {
    const { flash_attention, kv_cache_key, kv_cache_value } = this.#configuration;
    const options = {
      ...this.#room,
      batchSize: BATCH_TOKENS,
      threads: { ideal: this.#threads, min: this.#threads },
      flashAttention: flash_attention,
      experimentalKvCacheKeyType: kv_cache_key.toUpperCase(),
      experimentalKvCacheValueType: kv_cache_value.toUpperCase(),
      failedCreationRemedy: false as const,
    };
    this.#context = await makeContext(this.#model, options, this.#binding, this.#log);
    this.#decoder = new Decoder(this.#llama!, this.#model, this.#context);
    return null;
  }

  async reset(): Promise<void> {
    this.#decoder!.reset();
  }

  async generate(prompts: number[][], newTokens: number): Promise<Generated> {
    const begin = performance.now();
    const times_s: number[] = [];
    const stamp = <T>(tokens: T): T => {
      times_s.push((performance.now() - begin) / 1000);
      return tokens;
    };
    let tokens = stamp(await this.#decoder!.start(prompts));
    const produced = tokens.map(() => 1);
    for (let step = 1; step < newTokens; step += 1) {
      tokens = stamp(await this.#decoder!.step(tokens));
      for (const sequence of tokens.keys()) produced[sequence]! += 1;
    }
    return { tokenTimes_s: [times_s], newTokens: produced };
  }

  async prefill(prompts: number[][]): Promise<number> {
    const begin = performance.now();
    await this.#decoder!.read(prompts);
    return (performance.now() - begin) / 1000;
  }

  allowedIds(): number[] {
    const model = this.#model;
    return [...model.iterateAllTokens()]
      .filter((token) => !model.isSpecialToken(token) && !model.isEogToken(token))
      .sort((a, b) => a - b);
  }

  encode(text: string): number[] {
    return this.#model.tokenize(text, READS_SPECIAL_TOKENS);
  }

  chatText(messages: readonly Message[]): string {
    return chatTextOf(this.#model, messages, modulesFolder());
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
    this.#decoder?.dispose();
    await this.#llama?.dispose();
  }
}
