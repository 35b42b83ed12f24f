import Table from 'cli-table3';
import { columnsOf } from './columns.ts';
import type { Row } from '../../state/rows.ts';
import { displayWidth, plain } from '../../base/layout.ts';
import type { Paint } from '../../base/layout.ts';
import type { Column } from './column.ts';

const GAP = '  ';
const SHORTEST_NAME = 12;
const NO_LIMIT = 1000;

export interface FittedTable {
  text: string;
  /** Heads of the columns that found no room. */
  left_out: string[];
}

/**
 * A table of at most `columns` terminal columns. When there is little room, ids become labels, then the least important
 * columns go, then names are cut; states, types of failures and verdicts stay whole.
 */
export function fittedTable(rows: readonly Row[], columns: number, paint: Paint): FittedTable {
  const wide = columnsOf(rows, { wide: true, nameWidth: NO_LIMIT }, paint);
  if (totalWidth(wide) <= columns) return { text: render(wide), left_out: [] };
  const essential = fitEssential(rows, columns, paint);
  const kept = new Set(essential.filter(({ rank }) => rank === 0));
  for (const column of essential.toSorted((a, b) => a.rank - b.rank))
    if (totalWidth([...kept, column]) <= columns) kept.add(column);
  const shown = essential.filter((column) => kept.has(column));
  return { text: render(shown), left_out: essential.filter((column) => !kept.has(column)).map(({ head }) => head) };
}

/** Columns with names short enough that those of rank 0 fit, if that can be. */
function fitEssential(rows: readonly Row[], columns: number, paint: Paint): Column[] {
  const all = columnsOf(rows, { wide: false, nameWidth: NO_LIMIT }, paint);
  const excess = totalWidth(all.filter(({ rank }) => rank === 0)) - columns;
  if (excess <= 0) return all;
  return columnsOf(rows, { wide: false, nameWidth: Math.max(SHORTEST_NAME, widthOf(all[0]!) - excess) }, paint);
}

const totalWidth = (columns: readonly Column[]): number =>
  columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1));

const widths = new WeakMap<Column, number>();

function widthOf(column: Column): number {
  const known = widths.get(column);
  if (known !== undefined) return known;
  let width = Math.max(displayWidth(column.head), displayWidth(column.unit));
  for (const cell of column.cells) for (const line of cell.split('\n')) width = Math.max(width, displayWidth(line));
  widths.set(column, width);
  return width;
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((end) => [side + end, '']),
  ),
);

function render(columns: readonly Column[]): string {
  const hasUnits = columns.some(({ unit }) => unit !== '');
  const table = new Table({
    head: columns.map(({ head, unit }) => (hasUnits ? `${head}\n${plain(unit)}` : head)),
    colAligns: columns.map(({ align }) => align),
    chars: { ...NO_LINES, mid: '─', 'mid-mid': '─'.repeat(GAP.length), middle: GAP },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  const height = columns[0]?.cells.length ?? 0;
  for (let row = 0; row < height; row += 1) table.push(columns.map(({ cells }) => cells[row]!));
  return table.toString().replaceAll(/ +$/gm, '');
}
