// Generated from config.schema.json by tools/schemas.mjs.

/**
 * Inference with Hugging Face transformers and PyTorch, on a CPU or an NVIDIA GPU.
 */
export interface Configuration {
  /**
   * Name of an asset, absolute path of a folder in Hugging Face's layout or of a GGUF file (expanded: see storage and compute type in the result), or a synthetic shape.
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
   * auto: cuda where the machine has an NVIDIA GPU, else cpu.
   */
  device?: 'auto' | 'cpu' | 'cuda';
  /**
   * Threads within an operation; null: one for each allowed CPU. More than the allowance is refused.
   */
  threads?: number | null;
  /**
   * Type of weights, activations and cache in memory, whatever type the weights are stored in.
   */
  compute_dtype?: 'float32' | 'bfloat16' | 'float16';
  /**
   * Implementation of the attention.
   */
  attention?: 'sdpa' | 'eager' | 'flash_attention_2';
  /**
   * By bitsandbytes or torchao; the torchao ones act on linear layers only. null: none.
   */
  quantisation?: null | 'bnb-int8' | 'bnb-nf4' | 'torchao-int8-weight-only' | 'torchao-int8-dynamic';
  /**
   * dynamic: grows. static: allocated for the whole sequence. quantized-fp8: 8-bit floats. offloaded: in host memory, layer by layer on the GPU.
   */
  cache?: 'dynamic' | 'static' | 'quantized-fp8' | 'offloaded';
  /**
   * torch.compile of the decoding step, as generate does it; needs the static cache. Prefill is not compiled.
   */
  compile?: boolean;
  /**
   * Sequences that advance together.
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
   * warm: the model's files are in the page cache, compiled code is kept. cold: neither.
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
