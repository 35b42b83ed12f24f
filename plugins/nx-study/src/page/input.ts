import type { Absent } from '../base/known.ts';
import type { Comparisons } from '../comparisons/compare.ts';
import type { Safe } from '../figures/html.ts';
import type { Section } from '../figures/page.ts';
import type { Results } from '../state/rows.ts';

/** Results, and what is concluded from them. */
export interface Compared {
  results: Results;
  comparisons: Comparisons;
}

/** All that a page is made from. */
export interface PageInput extends Compared {
  source: Source;
  /** What the sensors gave while some measurements ran, drawn, by the folder of the attempt; null where there is nothing to draw. */
  curves?: ReadonlyMap<string, Safe | Absent | null>;
}

/** Where the results come from. */
export interface Source {
  /** The text of study.yaml; null where it can't be read. */
  study: string | null;
  /** Relative to the workspace. */
  studyFile: string;
  /** The version of nx-study that makes the page. */
  version: string;
  /** Files beside the page, to which it links: name → meaning. */
  files: readonly (readonly [name: string, meaning: string])[];
}

/** A section, or nothing where there is nothing to say. */
export type MaybeSection = Section | null;
