// Generated from config.schema.json by tools/schemas.mjs.

/**
 * TensorRT-LLM's LLM API with its PyTorch backend: batches in its own container, without a server.
 */
export interface Configuration {
  /**
   * Name of an asset, or absolute path: a folder in Hugging Face's layout, quantised by TensorRT Model Optimizer or not.
   */
  model: string;
  /**
   * TensorRT-LLM runs on NVIDIA GPUs only.
   */
  device?: 'cuda';
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
   * TensorRT-LLM's dtype. auto: that of the model's files.
   */
  compute_dtype?: 'auto' | 'bfloat16' | 'float16' | 'float32';
  /**
   * Kernels of attention.
   */
  attn_backend?: 'TRTLLM' | 'FLASHINFER' | 'VANILLA';
  /**
   * GPUs that share each layer.
   */
  tensor_parallel_size?: number;
  /**
   * Groups of GPUs that share the layers.
   */
  pipeline_parallel_size?: number;
  /**
   * Most sequences in a step. null: TensorRT-LLM's default.
   */
  max_batch_size?: number | null;
  /**
   * Most tokens in a step. null: TensorRT-LLM's default.
   */
  max_num_tokens?: number | null;
  /**
   * Most tokens of a sequence, prompt and answer. null: what the model and the memory allow.
   */
  max_seq_len?: number | null;
  /**
   * Type of the KV cache (KvCacheConfig.dtype). auto: what the model's quantisation says, else compute_dtype.
   */
  kv_cache_dtype?: 'auto' | 'fp8' | 'nvfp4';
  /**
   * Share of the GPU memory left beside the weights that the KV cache takes (KvCacheConfig). null: TensorRT-LLM's default.
   */
  free_gpu_memory_fraction?: number | null;
  /**
   * Most tokens in the KV cache (KvCacheConfig.max_tokens). null: as many as fit.
   */
  kv_cache_max_tokens?: number | null;
  /**
   * Tokens of a block of the KV cache (KvCacheConfig), a power of two. null: TensorRT-LLM's default.
   */
  tokens_per_block?: null | 8 | 16 | 32 | 64 | 128;
  /**
   * Whether a prompt may be split over several steps.
   */
  enable_chunked_prefill?: boolean;
  /**
   * Prepares a step only when the one before is over.
   */
  disable_overlap_scheduler?: boolean;
  /**
   * CUDA graphs of the decoding steps (CudaGraphConfig). null: none.
   */
  cuda_graph_config?: {
    /**
     * One graph for each. null: sizes up to max_batch_size.
     *
     * @minItems 1
     */
    batch_sizes?: [number, ...number[]] | null;
    /**
     * The largest graph, where batch_sizes is null. null: TensorRT-LLM's default.
     */
    max_batch_size?: number | null;
    /**
     * Smaller batches are padded to the next graph.
     */
    enable_padding?: boolean;
  } | null;
}
