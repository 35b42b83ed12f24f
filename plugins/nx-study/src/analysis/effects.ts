import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import { gridOf } from './grid.ts';
import type { Grid, GridRow } from './grid.ts';
import { holm } from './holm.ts';
import { SIGNIFICANCE } from './interval.ts';
import { ROUNDING, momentsOf } from './moments.ts';
import { finite, magnitudeOf, offScale, onScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { fisherTail } from './student.ts';
import { decompose } from './sums-of-squares.ts';
import type { Decomposition, Source } from './sums-of-squares.ts';
import { gridReasons, reasons } from './texts.ts';

/** How much of a metric's variance each axis of a study accounts for. */
export interface Effects {
  repetitions: number;
  /** Repetitions that lack a combination, and aren't used. */
  dropped: Grid['dropped'];
  /** The axes first, then each two of them together. */
  sources: Effect[];
  /** The share of interactions of three axes or more together. */
  higher_share: number;
  /** The share between repetitions of the same combination: noise. Absent for one repetition. */
  residual_share: number | Absent;
  levels: AxisLevels[];
}

export interface Effect {
  /** One axis, or two for what they do together beyond the sum of their own effects. */
  axes: string[];
  /** Of the sum of squares, 0 to 1; on logarithms for the scale `ratio`. */
  share: number;
  df: number;
  /** F test against the residual. Absent for one repetition, and where repetitions don't differ. */
  f: number | Absent;
  p: number | Absent;
  /** After Holm's correction for all sources; null where there is no p value. */
  p_adjusted: number | null;
  /** Whether it deserves a word: significant after Holm's correction, and at least 5 % of the variance. */
  matters: boolean;
}

/** The lowest and highest level of an axis, by the (geometric) mean over all else. */
export interface AxisLevels {
  axis: string;
  lowest: Level;
  highest: Level;
}

export interface Level {
  level: string;
  /** In the metric's unit. */
  center: number | Absent;
}

/** Chosen: a share of the variance below it isn't worth a sentence. */
export const LEAST_SHARE = 0.05;

/**
 * The share of variance of each axis and of each two together, by the analysis of variance of a complete balanced design;
 * on logarithms for the scale `ratio`. Only repetitions that have every combination are used.
 * @returns Absent where the grid is incomplete: shares would then not add up, and levels would stand for other combinations.
 */
export function effects(rows: readonly GridRow[], axes: readonly string[], scale: Scale): Effects | Absent {
  const grid = gridOf(rows, axes);
  if (isAbsent(grid)) return grid;
  const scaled = onScale(
    grid.rows.map(({ value }) => value),
    scale,
  );
  if (isAbsent(scaled)) return scaled;
  const magnitude = magnitudeOf(scaled, scale);
  const { mean, sd } = momentsOf(scaled, magnitude);
  if (sd === 0) return absent(gridReasons.allEqual);
  if (!Number.isFinite(sd)) return absent(reasons.outOfRange);
  // In units of the spread around the mean, squares neither overflow nor vanish.
  const withValues = (valueOf: (index: number) => number) =>
    grid.rows.map((row, index) => ({ ...row, value: valueOf(index) }));
  const decomposition = decompose({ ...grid, rows: withValues((index) => scaled[index]! / sd - mean / sd) });
  return {
    repetitions: grid.repetitions,
    dropped: grid.dropped,
    sources: effectsOf(decomposition, ((ROUNDING * magnitude) / sd) ** 2),
    higher_share: decomposition.higher.squares / decomposition.total,
    residual_share:
      grid.repetitions > 1 ? decomposition.residual.squares / decomposition.total : absent(gridReasons.noRepetitions),
    levels: grid.axes.map((axis, position) =>
      levelsOf(
        axis,
        position,
        withValues((index) => scaled[index]!),
        scale,
      ),
    ),
  };
}

/** @param noise - a variance that is only the rounding of doubles. */
function effectsOf({ sources, residual, total }: Decomposition, noise: number): Effect[] {
  const tests = sources.map((source) => fOf(source, residual, noise));
  const pValues = tests.map((f, index) => (isAbsent(f) ? f : fisherTail(f, sources[index]!.df, residual.df)));
  const adjusted = holm(pValues.map((p) => (isAbsent(p) ? null : p)));
  return sources.map(({ axes, squares, df }, index) => {
    const share = squares / total;
    const p_adjusted = adjusted[index]!;
    const matters = share >= LEAST_SHARE && p_adjusted !== null && p_adjusted < SIGNIFICANCE;
    return { axes, share, df, f: tests[index]!, p: pValues[index]!, p_adjusted, matters };
  });
}

function fOf({ squares, df }: Source, residual: Decomposition['residual'], noise: number): number | Absent {
  if (residual.df === 0) return absent(gridReasons.noRepetitions);
  const variance = residual.squares / residual.df;
  return variance > noise ? finite(squares / df / variance) : absent(reasons.noSpread);
}

function levelsOf(axis: string, position: number, rows: Grid['rows'], scale: Scale): AxisLevels {
  const levels = [...groupBy(rows, (row) => row.levels[position]!)]
    .map(([level, group]) => ({ level, mean: momentsOf(group.map(({ value }) => value)).mean }))
    .toSorted((one, other) => one.mean - other.mean);
  const shown = ({ level, mean }: { level: string; mean: number }) => ({ level, center: offScale(mean, scale) });
  return { axis, lowest: shown(levels[0]!), highest: shown(levels.at(-1)!) };
}
