// Generated from config.schema.json by tools/schemas.mjs.

/**
 * Ideal points of legislators from roll-call votes: a two-parameter logistic model.
 */
export interface Configuration {
  /**
   * flat: one prior for all positions. hierarchical: sorted means of parties D and R.
   */
  model?: 'flat' | 'hierarchical';
  /**
   * CSV: a row per legislator, first column the id; a column per roll call: 1, 0, empty.
   */
  votes: string;
  /**
   * CSV with the id column of the votes, name and party (D, R or another).
   */
  legislators: string;
  /**
   * A seeded choice among those not unanimous; larger samples contain smaller ones.
   */
  sample?: {
    /**
     * null: all of them.
     */
    rollcalls?: number | null;
    /**
     * Part of the data: the seed of a measurement does not touch it.
     */
    seed?: number;
  };
  /**
   * none: 1 is yea. party: recoded where R says yea less often than D: 1 is R's side.
   */
  polarity?: 'none' | 'party';
  /**
   * Positive families need a polarity: without one, about half of the roll calls point the other way.
   */
  beta_prior?:
    | {
        /**
         * Normal(mu, sigma)
         */
        distribution: 'normal';
        /**
         * Any finite number.
         */
        mu: number;
        /**
         * Greater than 0.
         */
        sigma: number;
      }
    | {
        /**
         * LogNormal: log x ~ Normal(mu, sigma)
         */
        distribution: 'lognormal';
        /**
         * Any finite number.
         */
        mu: number;
        /**
         * Greater than 0.
         */
        sigma: number;
      }
    | {
        /**
         * Half-normal: |Normal(0, sigma)|
         */
        distribution: 'halfnormal';
        /**
         * Greater than 0.
         */
        sigma: number;
      }
    | {
        /**
         * exp(Normal(mu, sigma)): the lognormal, written as a transformed normal
         */
        distribution: 'exp_normal';
        /**
         * Any finite number.
         */
        mu: number;
        /**
         * Greater than 0.
         */
        sigma: number;
      };
  /**
   * On the scale of log-odds: with ξ = 0, the probability of a 1 is 1 / (1 + exp α).
   */
  alpha_prior?: {
    /**
     * Normal(mu, sigma)
     */
    distribution: 'normal';
    /**
     * Any finite number.
     */
    mu: number;
    /**
     * Greater than 0.
     */
    sigma: number;
  };
  /**
   * In the hierarchical model: of the parties' means, and of members of neither party.
   */
  position_prior?: {
    /**
     * Normal(mu, sigma)
     */
    distribution: 'normal';
    /**
     * Any finite number.
     */
    mu: number;
    /**
     * Greater than 0.
     */
    sigma: number;
  };
  /**
   * Hierarchical model only; with the flat one it stays at its default.
   */
  spread_prior?:
    | {
        /**
         * Half-normal: |Normal(0, sigma)|
         */
        distribution: 'halfnormal';
        /**
         * Greater than 0.
         */
        sigma: number;
      }
    | {
        /**
         * LogNormal: log x ~ Normal(mu, sigma)
         */
        distribution: 'lognormal';
        /**
         * Any finite number.
         */
        mu: number;
        /**
         * Greater than 0.
         */
        sigma: number;
      }
    | {
        /**
         * exp(Normal(mu, sigma)): the lognormal, written as a transformed normal
         */
        distribution: 'exp_normal';
        /**
         * Any finite number.
         */
        mu: number;
        /**
         * Greater than 0.
         */
        sigma: number;
      };
  /**
   * Independent chains; as many run at once as there are CPUs allowed.
   */
  chains?: number;
  /**
   * Adapt step size and mass matrix; they are not kept.
   */
  tune?: number;
  /**
   * After tuning.
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
}
