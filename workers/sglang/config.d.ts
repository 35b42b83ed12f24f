// Generated from config.schema.json by tools/schemas.mjs.

/**
 * SGLang's offline engine: batches in its own container, without a server.
 */
export interface Configuration {
  /**
   * Name of an asset, or absolute path: a folder in Hugging Face's layout.
   */
  model: string;
  /**
   * SGLang is measured on NVIDIA GPUs only.
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
   * SGLang's dtype. auto: that of the model's files, in 16 bits.
   */
  compute_dtype?: 'auto' | 'bfloat16' | 'float16' | 'float32';
  /**
   * Method of quantised weights. null: what the model's config.json says.
   */
  quantization?:
    | null
    | 'awq'
    | 'awq_marlin'
    | 'bitsandbytes'
    | 'compressed-tensors'
    | 'fp8'
    | 'gptq'
    | 'gptq_marlin'
    | 'modelopt'
    | 'modelopt_fp4'
    | 'modelopt_fp8'
    | 'moe_wna16'
    | 'mxfp4'
    | 'w8a8_fp8'
    | 'w8a8_int8';
  /**
   * Kernels of attention. null: SGLang's choice.
   */
  attention_backend?: null | 'fa3' | 'fa4' | 'flashinfer' | 'flashmla' | 'torch_native' | 'triton' | 'trtllm_mha';
  /**
   * GPUs that share each layer (tp_size).
   */
  tensor_parallel_size?: number;
  /**
   * Groups of GPUs that share the layers (pp_size).
   */
  pipeline_parallel_size?: number;
  /**
   * Most sequences at once. null: SGLang's default.
   */
  max_running_requests?: number | null;
  /**
   * Most tokens of a sequence, prompt and answer. null: what the model says.
   */
  context_length?: number | null;
  /**
   * Most tokens in the KV cache. null: as many as fit.
   */
  max_total_tokens?: number | null;
  /**
   * Share of the GPU memory for weights and KV cache. null: SGLang's default.
   */
  mem_fraction_static?: number | null;
  /**
   * Type of the KV cache. auto: that of the model.
   */
  kv_cache_dtype?: 'auto' | 'bfloat16' | 'fp8_e4m3' | 'fp8_e5m2';
  /**
   * Tokens of a page of the KV cache. null: SGLang's default.
   */
  page_size?: number | null;
  /**
   * Most tokens of prompts in a step; -1: prompts are never split. null: SGLang's default.
   */
  chunked_prefill_size?: number | null;
  /**
   * Prepares a step only when the one before is over.
   */
  disable_overlap_schedule?: boolean;
  /**
   * CUDA graphs. null: none.
   */
  cuda_graphs?: {
    /**
     * One graph of decoding for each (cuda_graph_bs_decode). null: SGLang's choice.
     *
     * @minItems 1
     */
    batch_sizes?: [number, ...number[]] | null;
    /**
     * The largest graph of decoding (cuda_graph_max_bs_decode). null: SGLang's default.
     */
    max_batch_size?: number | null;
    /**
     * Smaller batches are not padded to the next graph.
     */
    disable_padding?: boolean;
    /**
     * Whether prefill may use graphs, too.
     */
    prefill?: boolean;
  } | null;
}
