import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import type { Repetition } from './pairs.ts';
import { gridReasons } from './texts.ts';

/** One measurement on the grid of a study's axes. */
export interface GridRow extends Repetition {
  /** The level of each axis, as it is shown. */
  levels: Readonly<Record<string, string>>;
}

/** A complete and balanced design: every combination of levels once in each repetition. */
export interface Grid {
  /** Those with two levels or more. */
  axes: string[];
  combinations: number;
  repetitions: number;
  /** Repetitions that lack a combination, and aren't used. */
  dropped: Repetition['repetition'][];
  rows: GridValue[];
}

export interface GridValue {
  /** One for each axis. */
  levels: string[];
  value: number;
}

/** The measurements of those repetitions that have a value for every combination of the axes' levels; absent where there is none. */
export function gridOf(rows: readonly GridRow[], allAxes: readonly string[]): Grid | Absent {
  const levels = new Map(allAxes.map((axis) => [axis, new Set(rows.map((row) => row.levels[axis] ?? ''))]));
  const axes = allAxes.filter((axis) => levels.get(axis)!.size > 1);
  if (axes.length === 0) return absent(gridReasons.noAxes);
  const combinations = axes.reduce((product, axis) => product * levels.get(axis)!.size, 1);
  const measured = rows.flatMap(({ repetition, levels, value }) =>
    value === null ? [] : [{ repetition, value, levels: axes.map((axis) => levels[axis] ?? '') }],
  );
  const found = new Set(measured.map(keyOf)).size;
  if (found < combinations) return absent(gridReasons.missing(combinations - found, combinations));
  const byRepetition = groupBy(measured, ({ repetition }) => repetition);
  const hasRepeated = [...byRepetition.values()].some((row) => new Set(row.map(keyOf)).size < row.length);
  if (hasRepeated) return absent(gridReasons.repeated);
  const complete = [...byRepetition.values()].filter((row) => row.length === combinations);
  if (complete.length === 0) return absent(gridReasons.noCompleteRepetition);
  const used = new Set(complete.map(([first]) => first!.repetition));
  return {
    axes,
    combinations,
    repetitions: complete.length,
    dropped: [...new Set(rows.map(({ repetition }) => repetition))].filter((one) => !used.has(one)),
    rows: complete.flat(),
  };
}

const keyOf = ({ levels }: { levels: readonly string[] }) => JSON.stringify(levels);
