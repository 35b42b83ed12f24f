// Generated from config.schema.json by tools/schemas.mjs.

/**
 * Inference with llama.cpp through node-llama-cpp: GGUF models on a CPU or a GPU.
 */
export interface Configuration {
  /**
   * Name of an asset, or absolute path of a GGUF file, of the first of its parts, or of a folder that holds one model.
   */
  model?: string;
  /**
   * Where the model computes; it chooses the binaries that are installed. auto: cuda where the machine has an NVIDIA GPU and there are binaries for it (x86-64), else cpu (on Apple silicon metal). A device that is not there is refused.
   */
  device?: 'auto' | 'cpu' | 'cuda' | 'metal' | 'vulkan';
  /**
   * Threads that compute; null: one less than the allowed CPUs, for Node's event loop needs one. As many as the allowed CPUs brings a warning, more is refused.
   */
  threads?: number | null;
  /**
   * Layers whose weights lie in the GPU's memory; null: all of them on a GPU. Without a GPU only 0 and null make sense.
   */
  gpu_layers?: number | null;
  /**
   * Map the model's file instead of reading it; pages that no one has touched yet are read by the first call.
   */
  mmap?: boolean;
  /**
   * Tokens for which each sequence has room, rounded up to a multiple of 256. null: as few as the longest workload needs.
   */
  context_size?: number | null;
  /**
   * auto: as llama.cpp decides for model and device. A quantised value cache needs it.
   */
  flash_attention?: 'auto' | true | false;
  /**
   * As ggml names it.
   */
  kv_cache_key?: 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0' | 'iq4_nl';
  /**
   * As ggml names it; a quantised one needs flash attention.
   */
  kv_cache_value?: 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0' | 'iq4_nl';
  /**
   * Sequences that advance together, in one batch of llama.cpp.
   */
  batch_size?: number;
  /**
   * Length of every prompt, exactly.
   */
  prompt_tokens?: number;
  /**
   * Tokens generated for every sequence, exactly; an end-of-sequence token ends nothing.
   */
  new_tokens?: number;
  /**
   * Several shapes that share one load, in seeded order; missing keys come from the top level. null: the top level is the only one.
   *
   * @minItems 1
   */
  workloads?:
    | [
        {
          /**
           * As at the top level.
           */
          batch_size?: number;
          /**
           * As at the top level.
           */
          prompt_tokens?: number;
          /**
           * As at the top level.
           */
          new_tokens?: number;
        },
        ...{
          /**
           * As at the top level.
           */
          batch_size?: number;
          /**
           * As at the top level.
           */
          prompt_tokens?: number;
          /**
           * As at the top level.
           */
          new_tokens?: number;
        }[],
      ]
    | null;
  /**
   * Text, one prompt a line, used in order and cut to the prompt's length. null: seeded random tokens.
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
   * warm: the model's files are in the page cache. cold: they are evicted from it before loading.
   */
  start?: 'warm' | 'cold';
  /**
   * Calls at the exact shape before anything counts.
   */
  warmup?: {
    /**
     * At least this many.
     */
    min_iterations?: number;
    /**
     * 0: no warm-up.
     */
    max_iterations?: number;
    /**
     * Seconds that the calls take together, at least.
     */
    min_s?: number;
    /**
     * Ends the warm-up after min_iterations and min_s, also where calls are not alike yet.
     */
    max_s?: number;
    /**
     * Calls whose spread is judged.
     */
    window?: number;
    /**
     * Standard deviation over mean of the window that counts as steady. null: a fixed number of calls.
     */
    target_cv?: number | null;
  };
  /**
   * How long to measure.
   */
  measure?: {
    /**
     * At least this many.
     */
    iterations?: number;
    /**
     * Seconds, at least.
     */
    min_s?: number;
    /**
     * Seconds after which no further call begins.
     */
    max_s?: number;
    /**
     * Memory is looked at in calls of its own, which are not timed.
     */
    memory_iterations?: number;
  };
  /**
   * A window of generation in which energy counters are read. null: none.
   */
  energy?: {
    /**
     * Seconds, at least.
     */
    window_s?: number;
  } | null;
}
