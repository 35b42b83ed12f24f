/**
 * Where a measurement stands: the same word in `plan`, `status`, `report`, their JSON and the CSV file. What each means
 * stands in studies/README.md.
 */
export const states = [
  'measured',
  'running',
  'interrupted',
  'failed',
  'expected-failure',
  'too-large',
  'damaged',
  'stale',
  'pending',
] as const;
export type State = (typeof states)[number];

/** In the place of a state, for a configuration that the study leaves out because its worker refuses it. */
export const INVALID = 'invalid';

/**
 * What the next run does with a measurement.
 * - `nothing`: it has its outcome, or another process of this machine measures it just now.
 * - `reuse`: copies a result of the same digest from another id or study, or one from before an accepted change.
 * - `derive`: derives diagnostics again; nothing is measured.
 * - `measure`: starts its worker.
 * - `final`: reports its failure again, which would only repeat, until a person requests a retry.
 * - `too-large`: fails without having started, as it does not fit into memory.
 * - `refuse`: fails without having started, as this machine does not fit the study's platform.
 * - `fail`: fails without having started, as its worker can't use what it reads.
 */
export const nexts = ['nothing', 'reuse', 'derive', 'measure', 'final', 'too-large', 'refuse', 'fail'] as const;
export type Next = (typeof nexts)[number];
