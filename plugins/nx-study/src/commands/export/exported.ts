import type { State } from '../../state/states.ts';

export interface Exporting {
  study: string;
  /** Relative to the workspace, or absolute. */
  to: string;
  /** null for all lanes. */
  lane: number | null;
}

/** What was written for another machine. */
export interface Exported {
  /** Absolute. */
  folder: string;
  files: number;
  measurements: string[];
  /** Those with a result here, which the copy has, too. */
  done: string[];
  /** Those that failed here as the study expects, which the copy knows. */
  expected: string[];
  /** Those with another outcome here, which the copy does not have, with their state. */
  left: { id: string; state: State }[];
  /** Assets by path that lie outside of the workspace: the other machine needs them at the same path. */
  outside: string[];
}
