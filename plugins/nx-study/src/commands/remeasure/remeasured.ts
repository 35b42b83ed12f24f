/** The changes by which the next run measures again. */
export interface Remeasured {
  /** With a result: it stays, and a new take will be measured beside it. */
  raised: { id: string; take: number }[];
  /** Failed, and so without a result: another attempt at the same take. */
  retried: { id: string; type: string }[];
  /** Measured just now by another process: nothing is changed. */
  running: string[];
  /** Without an outcome, so that the next run measures them anyhow. */
  pending: string[];
}
