import type { Known } from './known.ts';
import { nextOf } from './next.ts';
import type { Decision } from './next.ts';
import { shownOf } from './shown.ts';
import type { Shown } from './shown.ts';

/** Where a measurement stands, and what the next run does with it. */
export type Standing = Shown & Decision;

/** The one answer to where a measurement stands. Pure: all that it depends on is in `known`. */
export function standingOf(known: Known): Standing {
  const { state, reason, stored, damage, attempts, earlier } = shownOf(known);
  const { next, why, reused, reported, tooLarge, missingFile } = nextOf(known);
  return { state, reason, stored, damage, attempts, earlier, next, why, reused, reported, tooLarge, missingFile };
}
