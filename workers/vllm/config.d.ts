// Generated from config.schema.json by tools/schemas.mjs.

/**
 * vLLM's offline engine: batches in its own process, without a server.
 */
export interface Configuration {
  /**
   * Name of an asset, absolute path of a folder in Hugging Face's layout or of a GGUF file (expanded: vLLM doesn't compute on its packed weights), or a synthetic shape.
   */
  model?:
    | string
    | {
        /**
         * Only its speed and memory mean something; every result says so.
         */
        synthetic: {
          /**
           * Its family of layers.
           */
          architecture?: 'llama' | 'mistral' | 'qwen2' | 'qwen3';
          /**
           * Number of decoder layers.
           */
          layers: number;
          /**
           * A multiple of twice the heads.
           */
          hidden_size: number;
          /**
           * Width of the feed-forward part.
           */
          intermediate_size: number;
          /**
           * Heads of the queries.
           */
          heads: number;
          /**
           * A divisor of the heads; fewer of them make a smaller cache.
           */
          kv_heads: number;
          /**
           * Number of tokens.
           */
          vocabulary?: number;
          /**
           * Most positions that the model knows.
           */
          context?: number;
          /**
           * Input and output embeddings are one matrix.
           */
          tie_embeddings?: boolean;
          /**
           * Type of the weights on disk; `compute_dtype` is the type in memory.
           */
          dtype?: 'float32' | 'bfloat16' | 'float16';
          /**
           * Part of the model: the seed of a measurement does not touch it.
           */
          seed?: number;
        };
      };
  /**
   * auto: cuda on a machine with an NVIDIA GPU, otherwise cpu.
   */
  device?: 'auto' | 'cpu' | 'cuda';
  /**
   * Threads of each of the engine's workers. null: as many as the measurement may use cores, shared by the workers.
   */
  threads?: number | null;
  /**
   * Sequences at once.
   */
  batch_size?: number;
  /**
   * Tokens of each prompt.
   */
  prompt_tokens?: number;
  /**
   * Tokens to produce for each sequence.
   */
  new_tokens?: number;
  /**
   * Several workloads for one load of the model, measured in seeded order; missing keys come from the top level.
   *
   * @minItems 1
   */
  workloads?:
    | [
        {
          batch_size?: number;
          prompt_tokens?: number;
          new_tokens?: number;
        },
        ...{
          batch_size?: number;
          prompt_tokens?: number;
          new_tokens?: number;
        }[],
      ]
    | null;
  /**
   * A text file with one prompt a line, used in order, each cut to prompt_tokens. null: seeded random tokens.
   */
  prompts?: string | null;
  /**
   * Prompts or conversations of a file, each cut or repeated to prompt_tokens: JSON, or JSON lines. null: `prompts`, or random tokens.
   */
  dataset?: {
    /**
     * In the form that `form` names.
     */
    file: string;
    /**
     * prompt: a text, or {prompt, answer}. messages: {messages: [{role, content}, …]}, up to the last answer. sharegpt: {conversations: [{from, value}, …]}, the first question. The last two are written by the chat template.
     */
    form: 'prompt' | 'messages' | 'sharegpt';
    /**
     * as-written, or seeded: drawn by the study's seed, the same for all experiments.
     */
    order?: 'as-written' | 'seeded';
  } | null;
  /**
   * cold: the model's files leave the page cache before they are loaded, and nothing compiled is kept from before.
   */
  start?: 'warm' | 'cold';
  /**
   * Calls at the exact shape, until their durations vary little.
   */
  warmup?: {
    min_iterations?: number;
    /**
     * 0: no warm-up.
     */
    max_iterations?: number;
    min_s?: number;
    /**
     * Ends the warm-up after min_iterations and min_s, also where calls are not alike yet.
     */
    max_s?: number;
    /**
     * Calls of which the coefficient of variation is taken.
     */
    window?: number;
    /**
     * null: a fixed number of calls.
     */
    target_cv?: number | null;
  };
  /**
   * At least so many calls and so many seconds; none starts after max_s.
   */
  measure?: {
    iterations?: number;
    min_s?: number;
    max_s?: number;
    /**
     * Calls of the pass in which memory is sampled.
     */
    memory_iterations?: number;
  };
  /**
   * A pass with energy counters. null: none.
   */
  energy?: {
    window_s?: number;
  } | null;
  /**
   * Whether the engine core runs in a process of its own, as it does by vLLM's default (VLLM_ENABLE_V1_MULTIPROCESSING). false: in the measuring process, so that all prompts of a batch are there before its first step.
   */
  multiprocessing?: boolean;
  /**
   * vLLM's dtype. auto: that of the model's files, bfloat16 for a GGUF file.
   */
  compute_dtype?: 'auto' | 'bfloat16' | 'float16' | 'float32';
  /**
   * Method of quantised weights. null: what the model's config.json says.
   */
  quantization?:
    | null
    | 'auto_awq'
    | 'auto_gptq'
    | 'awq'
    | 'awq_marlin'
    | 'compressed-tensors'
    | 'experts_int8'
    | 'fp8'
    | 'fp8_per_block'
    | 'fp8_per_channel'
    | 'fp8_per_tensor'
    | 'gptq'
    | 'gptq_marlin'
    | 'inc'
    | 'int8_per_channel_weight_only'
    | 'modelopt'
    | 'modelopt_fp4'
    | 'modelopt_mixed'
    | 'modelopt_mxfp8'
    | 'moe_wna16'
    | 'mxfp4'
    | 'mxfp8'
    | 'nvfp4_per_token'
    | 'quark'
    | 'torchao';
  /**
   * Neither torch.compile nor CUDA graphs. On a CPU, compiling takes minutes in each process.
   */
  enforce_eager?: boolean;
  /**
   * 0: quickest start, 3: quickest engine. null: vLLM's default.
   */
  optimization_level?: number | null;
  /**
   * What CUDA graphs and kernels are chosen for. null: vLLM's default.
   */
  performance_mode?: null | 'balanced' | 'interactivity' | 'throughput';
  /**
   * null: vLLM's choice for model and device.
   */
  attention_backend?:
    | null
    | 'CPU_ATTN'
    | 'CUTLASS_MLA'
    | 'FLASHINFER'
    | 'FLASHINFER_MLA'
    | 'FLASHMLA'
    | 'FLASH_ATTN'
    | 'FLASH_ATTN_MLA'
    | 'FLEX_ATTENTION'
    | 'TRITON_ATTN'
    | 'TRITON_MLA';
  /**
   * Most tokens of a sequence, prompt and answer. null: the model's context.
   */
  max_model_len?: number | null;
  /**
   * Type of the KV cache. auto: compute_dtype.
   */
  kv_cache_dtype?:
    | 'auto'
    | 'bfloat16'
    | 'float16'
    | 'fp8'
    | 'fp8_e4m3'
    | 'fp8_e5m2'
    | 'fp8_per_token_head'
    | 'int4_per_token_head'
    | 'int8_per_token_head'
    | 'nvfp4';
  /**
   * Size of the KV cache on each device. null: on a GPU what gpu_memory_utilization leaves, on a CPU 4 GiB.
   */
  kv_cache_memory_bytes?: number | null;
  /**
   * Share of the GPU's memory for weights, activations and KV cache. null: vLLM's default.
   */
  gpu_memory_utilization?: number | null;
  /**
   * Tokens of a block of the KV cache. null: vLLM's choice.
   */
  block_size?: number | null;
  /**
   * GiB of the weights that stay in main memory, for each GPU.
   */
  cpu_offload_gb?: number;
  /**
   * GPUs that share each layer.
   */
  tensor_parallel_size?: number;
  /**
   * Groups of GPUs that share the layers.
   */
  pipeline_parallel_size?: number;
  /**
   * Experts are spread over the GPUs, instead of each one's parts.
   */
  enable_expert_parallel?: boolean;
  /**
   * Most sequences in a step. null: vLLM's default.
   */
  max_num_seqs?: number | null;
  /**
   * Most tokens in a step: longer prefills are split. null: vLLM's default.
   */
  max_num_batched_tokens?: number | null;
  /**
   * Whether a prompt may be split over several steps. null: vLLM's choice.
   */
  enable_chunked_prefill?: boolean | null;
  /**
   * Whether a step is scheduled while the one before still computes. null: vLLM's choice.
   */
  async_scheduling?: boolean | null;
}
