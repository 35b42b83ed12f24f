import type { Json } from '../base/json.ts';

/** `time` is ISO 8601 in UTC; `json` is a value of any shape, as JSON text where a format knows no such type. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json';

export interface ColumnDefinition {
  /** Unique in its table; carries the unit. */
  name: string;
  type: ColumnType;
  /** `s`, `bytes`, `1/s`, …; empty for counts, pure numbers and all that isn't a number. */
  unit: string;
  description: string;
}

/** A cell without a value in its row is `undefined`; null is a value of its own only in settings. */
export type Cell = Json | undefined;

export interface Column extends ColumnDefinition {
  /** One for every row. */
  cells: Cell[];
}

/** A column whose cells are made from the lines of its table. */
export interface ColumnOf<Line> extends ColumnDefinition {
  of: (line: Line) => Cell;
}

/** A column without a unit. */
export const columnOf = <Line>(
  name: string,
  type: ColumnType,
  description: string,
  of: (line: Line) => Cell,
): ColumnOf<Line> => ({ name, type, unit: '', description, of });

export const filled = <Line>(columns: readonly ColumnOf<Line>[], lines: readonly Line[]): Column[] =>
  columns.map(({ of, ...definition }) => ({ ...definition, cells: lines.map((line) => of(line)) }));

/** All columns have a cell for every row. */
export interface Table {
  name: string;
  description: string;
  columns: Column[];
}

export const rowCount = ({ columns }: Table): number => columns[0]?.cells.length ?? 0;

const SETTING = /^(varied|configuration)\./;

/** The value of a column in a row; `undefined` where it has none: null is one only of settings. */
export function valueOf({ name, cells }: Column, row: number): Cell {
  const cell = cells[row];
  return cell === null && !SETTING.test(name) ? undefined : cell;
}

/** The type that all these values have; `json` where they differ, `text` where there are none. */
export function typeOf(values: readonly Cell[]): ColumnType {
  const types = new Set(values.flatMap((value) => (value === undefined || value === null ? [] : [typeOfOne(value)])));
  if (types.size === 2 && types.has('integer') && types.has('number')) return 'number';
  return types.size > 1 ? 'json' : ([...types][0] ?? 'text');
}

function typeOfOne(value: Exclude<Json, null>): ColumnType {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'json';
}
