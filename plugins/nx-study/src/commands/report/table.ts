import { GAP, textTable, widthOf } from '../../base/text-table.ts';
import type { Column } from './column.ts';
import type { Shape } from './columns.ts';

const SHORTEST_NAME = 12;
/** Wider than any name. */
export const NO_LIMIT = 1000;

export interface FittedTable {
  text: string;
  /** Heads of the columns that found no room. */
  left_out: string[];
}

/**
 * A table of at most `columns` terminal columns. When there is little room, ids become labels, then the least important
 * columns go, then names are cut; states, types of failures and verdicts stay whole.
 */
export function fittedTable(columnsFor: (shape: Shape) => Column[], columns: number): FittedTable {
  const wide = columnsFor({ wide: true, nameWidth: NO_LIMIT });
  if (totalWidth(wide) <= columns) return { text: textTable(wide), left_out: [] };
  const essential = fitEssential((nameWidth) => columnsFor({ wide: false, nameWidth }), columns);
  const kept = new Set(essential.filter(({ rank }) => rank === 0));
  for (const column of essential.toSorted((a, b) => a.rank - b.rank))
    if (totalWidth([...kept, column]) <= columns) kept.add(column);
  const shown = essential.filter((column) => kept.has(column));
  return { text: textTable(shown), left_out: essential.filter((column) => !kept.has(column)).map(({ head }) => head) };
}

/** Columns with names short enough that those of rank 0 fit, if that can be. */
function fitEssential(columnsFor: (nameWidth: number) => Column[], columns: number): Column[] {
  const all = columnsFor(NO_LIMIT);
  const excess = totalWidth(all.filter(({ rank }) => rank === 0)) - columns;
  if (excess <= 0) return all;
  return columnsFor(Math.max(SHORTEST_NAME, widthOf(all[0]!) - excess));
}

const totalWidth = (columns: readonly Column[]): number =>
  columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1));
