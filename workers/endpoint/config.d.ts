// Generated from config.schema.json by tools/schemas.mjs.

/**
 * Tokens of each prompt, before a chat template: a number, or a distribution.
 */
export type Lengths =
  | number
  | {
      /**
       * The lowest and the highest length; all between them are equally likely.
       *
       * @minItems 2
       * @maxItems 2
       */
      uniform?: [number, number];
      /**
       * Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      normal?: {
        mean: number;
        sd: number;
        min?: number;
        max: number;
      };
      /**
       * sigma: standard deviation of the logarithm. Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      lognormal?: {
        median: number;
        sigma: number;
        min?: number;
        max: number;
      };
      /**
       * A CSV file with the columns prompt_tokens and new_tokens, whose lines are equally likely. Where both settings name it, each request has both lengths from the same line.
       */
      file?: string;
    };
/**
 * Tokens to produce for each request; with `length: at-most` the most that it may produce. A number, or a distribution.
 */
export type Lengths1 =
  | number
  | {
      /**
       * The lowest and the highest length; all between them are equally likely.
       *
       * @minItems 2
       * @maxItems 2
       */
      uniform?: [number, number];
      /**
       * Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      normal?: {
        mean: number;
        sd: number;
        min?: number;
        max: number;
      };
      /**
       * sigma: standard deviation of the logarithm. Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      lognormal?: {
        median: number;
        sigma: number;
        min?: number;
        max: number;
      };
      /**
       * A CSV file with the columns prompt_tokens and new_tokens, whose lines are equally likely. Where both settings name it, each request has both lengths from the same line.
       */
      file?: string;
    };
export type Lengths2 =
  | number
  | {
      /**
       * The lowest and the highest length; all between them are equally likely.
       *
       * @minItems 2
       * @maxItems 2
       */
      uniform?: [number, number];
      /**
       * Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      normal?: {
        mean: number;
        sd: number;
        min?: number;
        max: number;
      };
      /**
       * sigma: standard deviation of the logarithm. Lengths outside of the limits are drawn again; min is 1 if not set.
       */
      lognormal?: {
        median: number;
        sigma: number;
        min?: number;
        max: number;
      };
      /**
       * A CSV file with the columns prompt_tokens and new_tokens, whose lines are equally likely. Where both settings name it, each request has both lengths from the same line.
       */
      file?: string;
    };
export type Load =
  | {
      mode: 'closed';
      /**
       * Users; each sends its next request when the last one is answered.
       */
      concurrency: number;
      /**
       * How long a user waits between an answer and its next request; 0 if not set.
       */
      think_s?: number;
      /**
       * Over which the users begin, before anything is measured; if not set, the time of a round of the warm-up.
       */
      ramp_s?: number;
    }
  | {
      mode: 'open';
      /**
       * Mean rate of arrivals.
       */
      rate_per_s: number;
      /**
       * Standard deviation of the times between arrivals / their mean: 0 constant, 1 Poisson (if not set), above 1 in bursts. The times have a gamma distribution with shape 1 / arrival_cv², which vLLM calls burstiness.
       */
      arrival_cv?: number;
      /**
       * Over which the rate rises from 0, before anything is measured; 0 if not set.
       */
      ramp_s?: number;
      /**
       * More requests are never under way: those that are due wait until one has ended, also beyond measure.max_s. null, or not set: no limit.
       */
      max_in_flight?: number | null;
    }
  | {
      mode: 'replay';
      /**
       * A trace as JSON lines in order of time: {at_s, prompt_tokens, new_tokens}, or with its text {at_s, prompt, new_tokens} or {at_s, messages, new_tokens}. All of it is measured, up to measure.max_s.
       */
      file: string;
      /**
       * How many times as fast as written; 1 if not set.
       */
      speed?: number;
      /**
       * As in an open loop.
       */
      max_in_flight?: number | null;
    };

/**
 * A server with an OpenAI-compatible API, measured by streaming requests.
 */
export interface Configuration {
  /**
   * Base URL of the API, such as http://host:8000/v1; a query (?api-version=…) is sent with each request. It is recorded, so it must contain no user, password or key. null: that of `server`.
   */
  url?: string | null;
  /**
   * A server to start for this measurement and to stop afterwards. null, or without a command: `url` is running already.
   */
  server?: {
    /**
     * Program and arguments. {port} is a free port of 127.0.0.1; {name} is the file of that name in `assets` or `files`.
     *
     * @minItems 1
     */
    command?: [string, ...string[]];
    /**
     * Name → model or other asset that the command mentions as {name}.
     */
    assets?: {
      [k: string]: string;
    };
    /**
     * Name → file of the workspace that the command mentions as {name}.
     */
    files?: {
      [k: string]: string;
    };
    /**
     * Further environment variables of the server, with the same placeholders.
     */
    env?: {
      [k: string]: string;
    };
    /**
     * The server is ready when this path answers with status 200. A server that has no /health (404), or wants a key there (401, 403), is ready when its list of models answers.
     */
    ready?: {
      /**
       * On the server, or a whole URL.
       */
      path?: string;
      timeout_s?: number;
    };
    /**
     * What the server must tell of itself, or nothing is measured; * stands for anything. Also for a server behind `url`, without a command.
     */
    expect?: {
      /**
       * The owner of its model, such as vllm, sglang, llamacpp.
       */
      name?: string;
      /**
       * Such as 0.28.*
       */
      version?: string;
      /**
       * Its model, by one of its names or its path.
       */
      model?: string;
      /**
       * Further values, by the keys of `engine.told` in the result, such as {models max_model_len: 8192}.
       */
      told?: {
        [k: string]: string | number | boolean;
      };
    };
  } | null;
  /**
   * Which API is asked: `completions` takes a bare prompt, `chat` and `responses` wrap it in the server's chat template; `embeddings` generates nothing.
   */
  api?: 'completions' | 'chat' | 'responses' | 'embeddings';
  /**
   * The model's name, as the server knows it.
   */
  model: string;
  /**
   * Name of the environment variable that holds the API key. The key itself is neither recorded nor part of the identity.
   */
  api_key_env?: string | null;
  /**
   * Further HTTP headers of each request. Recorded: secrets go into header_env.
   */
  headers?: {
    [k: string]: string;
  };
  /**
   * HTTP header → name of the environment variable that holds its value, such as {api-key: AZURE_KEY}. The value itself is neither recorded nor part of the identity.
   */
  header_env?: {
    [k: string]: string;
  };
  /**
   * How long a server behind `url` may answer the first request with HTTP 503 (it is loading) or 429 (it is busy) before that is a failure. For a server of its own this time is part of server.ready.timeout_s.
   */
  ready_timeout_s?: number;
  /**
   * tokenizer.json of the model, a file of the workspace or {asset}: prompts get their exact length by it, and produced tokens are counted with it where the server does not count them.
   */
  tokenizer?:
    | string
    | {
        /**
         * An asset: tokenizer.json itself, or a folder that has it.
         */
        asset: string;
      }
    | null;
  /**
   * With `api: embeddings`: how many texts each request has; 1 if not set.
   */
  inputs_per_request?: number;
  /**
   * What is sent as the prompt. auto: text with a tokenizer and in a chat, otherwise token ids (vLLM, SGLang and llama-server take them).
   */
  prompt_form?: 'auto' | 'text' | 'token-ids';
  /**
   * The range from which token ids are drawn: in the model's vocabulary, without special tokens.
   */
  prompt_ids?: {
    from?: number;
    below?: number;
  };
  /**
   * A text file with one prompt a line, used in order, each cut to prompt_tokens; needs a tokenizer. null: seeded random prompts.
   */
  prompts?: string | null;
  /**
   * Prompts or conversations of a file, sent whole: JSON, or JSON lines. null: `prompts`, or random ones.
   */
  dataset?: {
    /**
     * In the form that `form` names.
     */
    file: string;
    /**
     * prompt: a text, or {prompt, answer}. messages: {messages: [{role, content}, …]}, sent up to the last answer. sharegpt: {conversations: [{from, value}, …]}, of which the first question is sent.
     */
    form: 'prompt' | 'messages' | 'sharegpt';
    /**
     * as-written, or seeded: drawn by the study's seed, the same for all experiments.
     */
    order?: 'as-written' | 'seeded';
    /**
     * How many tokens to ask for: new_tokens, or as many as the file's own answer has (recorded), which needs a tokenizer.
     */
    answers?: 'new_tokens' | 'recorded';
  } | null;
  prompt_tokens?: Lengths;
  new_tokens?: Lengths1;
  /**
   * Beginnings that random prompts share, within a measurement only. null: each prompt is new from its first token on.
   */
  prefix?: {
    /**
     * Of each beginning; prompt_tokens contain them.
     */
    tokens: number;
    /**
     * How many different beginnings there are, all equally likely.
     */
    pool?: number;
    /**
     * The part of the requests that have one of them, 0 to 1.
     */
    share?: number;
  } | null;
  /**
   * Conversations: each request of a user has all turns before it as its history. For a closed loop and api: chat. null: single requests.
   */
  turns?: {
    /**
     * Turns of a conversation; of one of a dataset that has fewer, as many as it has.
     */
    count: number;
    /**
     * How long a user waits between an answer and the next turn; load.think_s is between conversations.
     */
    think_s?: number;
    /**
     * Answers in the history: the server's own, or those that the dataset has (recorded).
     */
    history?: 'server' | 'recorded';
  } | null;
  /**
   * closed: so many users at once. open: arrivals at a mean rate, whatever the server does. replay: the arrivals of a trace.
   */
  load?:
    | {
        mode: 'closed';
        /**
         * Users; each sends its next request when the last one is answered.
         */
        concurrency: number;
        /**
         * How long a user waits between an answer and its next request; 0 if not set.
         */
        think_s?: number;
        /**
         * Over which the users begin, before anything is measured; if not set, the time of a round of the warm-up.
         */
        ramp_s?: number;
      }
    | {
        mode: 'open';
        /**
         * Mean rate of arrivals.
         */
        rate_per_s: number;
        /**
         * Standard deviation of the times between arrivals / their mean: 0 constant, 1 Poisson (if not set), above 1 in bursts. The times have a gamma distribution with shape 1 / arrival_cv², which vLLM calls burstiness.
         */
        arrival_cv?: number;
        /**
         * Over which the rate rises from 0, before anything is measured; 0 if not set.
         */
        ramp_s?: number;
        /**
         * More requests are never under way: those that are due wait until one has ended, also beyond measure.max_s. null, or not set: no limit.
         */
        max_in_flight?: number | null;
      }
    | {
        mode: 'replay';
        /**
         * A trace as JSON lines in order of time: {at_s, prompt_tokens, new_tokens}, or with its text {at_s, prompt, new_tokens} or {at_s, messages, new_tokens}. All of it is measured, up to measure.max_s.
         */
        file: string;
        /**
         * How many times as fast as written; 1 if not set.
         */
        speed?: number;
        /**
         * As in an open loop.
         */
        max_in_flight?: number | null;
      };
  /**
   * Several workloads for one server, measured in the order that `order` gives; missing keys come from the top level.
   *
   * @minItems 1
   */
  workloads?:
    | [
        {
          prompt_tokens?: Lengths2;
          new_tokens?: Lengths2;
          load?: Load;
        },
        ...{
          prompt_tokens?: Lengths2;
          new_tokens?: Lengths2;
          load?: Load;
        }[],
      ]
    | null;
  /**
   * exact: a request with any other number of new tokens is incomplete, and not among the successful ones. at-most: the model ends its answers itself, and `ignore_eos` is not sent; the report shows the lengths.
   */
  length?: 'exact' | 'at-most';
  /**
   * With `length: exact`: asks the server to go on after an end-of-sequence token. false for servers that refuse the key: requests that end early then are incomplete.
   */
  ignore_eos?: boolean;
  /**
   * Further keys of each request's body, such as {cache_prompt: false} for llama-server.
   */
  extra_body?: {};
  /**
   * How the body differs from the usual one, for servers that refuse some of it.
   */
  body?: {
    /**
     * The key that limits the length, under another name: {max_tokens: max_completion_tokens}.
     */
    rename?: {
      max_tokens?: 'max_tokens' | 'max_completion_tokens' | 'max_new_tokens';
    };
    /**
     * Keys to leave out. Without `stream_options` most servers do not count tokens: give a tokenizer.
     */
    omit?: ('stream_options' | 'temperature')[];
  };
  /**
   * Rounds of `concurrency` requests (one in an open loop), until their durations vary little.
   */
  warmup?: {
    min_iterations?: number;
    max_iterations?: number;
    min_s?: number;
    /**
     * Ends the warm-up after min_iterations and min_s, also where rounds are not alike yet.
     */
    max_s?: number;
    window?: number;
    /**
     * null: a fixed number of rounds.
     */
    target_cv?: number | null;
  };
  /**
   * Unmeasured requests that bring the load up before the first measured one: of each of several users at least so many; in an open loop for twice the time of a request. Either goes on for at least min_s, an open loop for its load.ramp_s, too.
   */
  settle?: {
    requests_per_user?: number;
    min_s?: number;
  };
  /**
   * overloaded_s: after at least so many seconds, an open loop ends as soon as its server falls behind further and further. An open loop that is measured later is skipped where its rate_per_s is no lower, its arrival_cv is no lower, its lengths are no shorter, request by request, and its max_in_flight is the same. Closed loops and replays are always measured. null: none ends so, and none is skipped.
   */
  stop_when?: {
    overloaded_s: number;
  } | null;
  /**
   * Order of the workloads: seeded, or as they are written, such as a ladder that ends where the server is overloaded.
   */
  order?: 'seeded' | 'as-written';
  /**
   * At least so many requests and so many seconds; no request starts after max_s; of an open loop none that is due later.
   */
  measure?: {
    requests?: number;
    min_s?: number;
    max_s?: number;
    /**
     * keep-load: until the last measured request has ended, further ones keep the load, and are broken off then. drain: none do.
     */
    tail?: 'keep-load' | 'drain';
  };
  /**
   * What the server tells of its own state while it is measured. null: it is not asked.
   */
  telemetry?: {
    /**
     * Its metrics in the text form of Prometheus: a path of the server, or a whole URL, to which no headers are sent if it is another server. null: /metrics, or /prometheus/metrics, beside the API.
     */
    path?: string | null;
    /**
     * Between two questions.
     */
    period_s?: number;
    /**
     * Its GPUs: the address of NVIDIA's DCGM exporter, such as http://host:9400/metrics; `host`: nvidia-smi of this machine; `auto`: that, where the server runs on this machine; null: none.
     */
    gpu?: string | null;
  } | null;
  /**
   * How many threads of this client send requests and read answers; 1: the main one, which keeps the schedule. null: by the load (one for 512 users, or for 55,000 tokens/s that arrivals ask for), and no more than there are cores.
   */
  client_threads?: number | null;
  /**
   * Limit of each request, from its start until its answer is over.
   */
  timeout_s?: number;
}
