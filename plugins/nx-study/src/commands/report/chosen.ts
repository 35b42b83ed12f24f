import { formatNumber, scaleOf } from '../../base/numbers.ts';
import { LONGEST_HEAD, plain, shorten } from '../../base/layout.ts';
import { didYouMean } from '../../base/words.ts';
import { measurementsTable } from '../../tables/measurements.ts';
import type { Cell, Column as TableColumn } from '../../tables/column.ts';
import type { Results } from '../../state/rows.ts';
import type { Column } from './column.ts';
import { reportTexts as texts } from './texts.ts';

const LONGEST_VALUE = 40;

/**
 * Columns of the table of measurements by their names, for the first rows.
 * @throws Error that names what the table doesn't have, and the nearest name.
 */
export function chosenColumns(results: Results, names: readonly string[], rows: number): Column[] {
  const { columns } = measurementsTable(results);
  return names.map((name, index) => {
    const column = columns.find((one) => one.name === name);
    if (column === undefined)
      throw new Error(
        texts.noColumn(
          name,
          didYouMean(
            name,
            columns.map((one) => one.name),
          ),
        ),
      );
    return shownColumn(column, rows, index + 1);
  });
}

function shownColumn({ name, type, unit, cells }: TableColumn, rows: number, rank: number): Column {
  const shown = cells.slice(0, rows);
  const isNumber = type === 'number' || type === 'integer';
  const scale = scaleOf(
    unit,
    shown.map((cell) => (typeof cell === 'number' ? cell : 0)),
  );
  return {
    head: shorten(plain(name), LONGEST_HEAD),
    unit: isNumber ? scale.unit : '',
    align: isNumber ? 'right' : 'left',
    rank,
    cells: shown.map((cell) => cellText(cell, scale.divisor)),
  };
}

function cellText(cell: Cell, divisor: number): string {
  if (cell === undefined || cell === null) return '';
  if (typeof cell === 'number') return formatNumber(cell / divisor);
  return shorten(plain(typeof cell === 'string' ? cell : JSON.stringify(cell)), LONGEST_VALUE);
}
