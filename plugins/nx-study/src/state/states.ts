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
