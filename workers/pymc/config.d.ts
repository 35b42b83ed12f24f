// Generated from config.schema.json by tools/schemas.mjs.

/**
 * A PyMC model of your own, in one file.
 */
export type Configuration = {
  /**
   * A Python file that defines build(data, config) -> pymc.Model.
   */
  model: string;
  /**
   * Name → file, which `build` gets read: .csv, .tsv, .json, .parquet, .npz, .npy.
   */
  data?: {
    /**
     * Read by its ending.
     */
    [k: string]: string;
  };
  /**
   * What `build` gets as `config`; the model's `schema` says which keys there are.
   */
  config?: {};
  /**
   * Requirements with hashes, instead of the worker's own. null: the worker's.
   */
  requirements?: string | null;
  /**
   * numpyro and blackjax need a lock of your own that has them, and JAX. prior: draws from the prior and data from the model; nothing is sampled.
   */
  sampler?: 'nutpie' | 'pymc' | 'numpyro' | 'blackjax' | 'prior';
  /**
   * prior: parameters from the prior and data from the model, to check the sampler by.
   */
  simulate?: 'prior' | null;
  /**
   * Of one measurement, which compiles once for all of them; only with `simulate`.
   */
  simulations?: number;
  /**
   * Independent chains; as many run at once as there are CPUs allowed.
   */
  chains?: number;
  /**
   * Adapt step size and mass matrix; they are not kept.
   */
  tune?: number;
  /**
   * After tuning. With `sampler: prior`, draws from the prior in all.
   */
  draws?: number;
  /**
   * Higher means smaller steps.
   */
  target_accept?: number;
  /**
   * diag: variances. low_rank: also correlations; dear above some 200 parameters.
   */
  adaptation?: 'diag' | 'low_rank';
  /**
   * summary: of variables with elements only each element's summary, not its draws.
   */
  keep?:
    | ('all' | 'summary')
    | {
        /**
         * Of each chain. R-hat, ESS and Monte Carlo errors are of all draws.
         */
        every: number;
      };
};
