// Generated from config.schema.json by tools/schemas.mjs.

/**
 * Ideal points of legislators from roll-call votes: a two-parameter logistic model.
 */
export type Configuration = {
  /**
   * flat: one prior for all positions; hierarchical: sorted means of the two `parties`; rasch: one discrimination for all roll calls; two-dimensional: β₁ξ₁ + β₂ξ₂ − α, turned by `anchors`; joint: `votes` and the chambers of `linked` on one scale; dynamic: positions walk from term to term, `votes` being the first.
   */
  model?: 'flat' | 'hierarchical' | 'rasch' | 'two-dimensional' | 'joint' | 'dynamic';
  /**
   * Text table: a row per legislator and a column per roll call, or a row per vote.
   */
  votes: string;
  /**
   * Text table with the id column of the votes, name and party.
   */
  legislators: string;
  /**
   * joint: on one scale with `votes`, by who sits in several. dynamic: in order of time.
   */
  linked?: {
    /**
     * Of the chamber or term. null: of the votes file, up to its first point.
     */
    name?: string | null;
    /**
     * As `votes`, with the same coding and columns.
     */
    votes: string;
    /**
     * As `legislators`.
     */
    legislators: string;
  }[];
  /**
   * auto: found where only one fits. A map lists the values of yea, nay, missing.
   */
  coding?:
    | ('auto' | '0/1' | '-1/1' | 'voteview' | 'yea/nay' | 'boolean')
    | {
        /**
         * Taken for yea.
         *
         * @minItems 1
         */
        yea: [string | number, ...(string | number)[]];
        /**
         * Taken for nay.
         *
         * @minItems 1
         */
        nay: [string | number, ...(string | number)[]];
        /**
         * No vote; empty cells, NA and the like need not be listed.
         *
         * @minItems 0
         */
        missing?: (string | number)[];
      };
  /**
   * wide: a row per legislator. long: a row per vote. auto: by the header.
   */
  layout?: 'auto' | 'wide' | 'long';
  /**
   * Of both files. auto: the one that divides each file's header.
   */
  separator?: 'auto' | 'comma' | 'semicolon' | 'tab';
  /**
   * Where they are not the usual ones, such as icpsr, name, party, rollcall, vote.
   */
  columns?: {
    /**
     * Of ids, in both files. null: the first column; in the long layout a usual name.
     */
    legislator?: string | null;
    /**
     * Of names. null: name or bioname.
     */
    name?: string | null;
    /**
     * Of parties. null: party or party_code.
     */
    party?: string | null;
    /**
     * Long layout only. null: rollcall, rollnumber or the like.
     */
    rollcall?: string | null;
    /**
     * Long layout only. null: vote or cast_code.
     */
    vote?: string | null;
    /**
     * With `linked`: who is the same person in several chambers. null: the id.
     */
    person?: string | null;
  };
  /**
   * As spelt in the file, the lower one first. null: D and R where the file has both.
   *
   * @minItems 2
   * @maxItems 2
   */
  parties?: [string | number, string | number] | null;
  /**
   * parties: the second of `parties`. Or a party, a legislator by id, or none.
   */
  orientation?:
    | ('parties' | 'none')
    | {
        /**
         * On average on the positive side.
         */
        party: string | number;
      }
    | {
        /**
         * By id; on the positive side.
         */
        legislator: string | number;
      };
  /**
   * Two ids, with one position in dimension 2. null: the ends of the first component.
   *
   * @minItems 2
   * @maxItems 2
   */
  anchors?: [string | number, string | number] | null;
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
   * none: 1 is yea. party: 1 is what the second of `parties` says more often.
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
   * hierarchical: of the parties' means, and of members of neither. joint: of the first chamber.
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
   * Hierarchical model only; with another one it stays at its default.
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
   * Dynamic model only: the standard deviation of a position's step to the next term.
   */
  drift_prior?:
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
   * Joint model only: of the positions of who is at home there, and not in an earlier chamber.
   */
  shift_prior?: {
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
   * Joint model only: the standard deviation of the positions of who is at home there.
   */
  stretch_prior?:
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
   * Hierarchical model only. mixed: centred where votes say more than the party.
   */
  parametrisation?: 'non-centred' | 'centred' | 'mixed';
  /**
   * prior: draws from the prior and votes from the model; nothing is sampled.
   */
  sampler?: 'nutpie' | 'prior';
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
