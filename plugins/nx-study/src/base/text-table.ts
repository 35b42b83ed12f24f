import Table from 'cli-table3';
import { displayWidth, plain } from './layout.ts';

export interface TextColumn {
  head: string;
  unit: string;
  align: 'left' | 'right';
  /** One for every row; may have several lines. */
  cells: string[];
}

/** Stands between two columns. */
export const GAP = '  ';

const widths = new WeakMap<TextColumn, number>();

/** The columns of a terminal that it takes. */
export function widthOf(column: TextColumn): number {
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

/** A table for a terminal; a line with units stands below the heads where some column has one. */
export function textTable(columns: readonly TextColumn[]): string {
  const hasUnits = columns.some(({ unit }) => unit !== '');
  const table = new Table({
    head: columns.map(({ head, unit }) => (hasUnits ? `${head}\n${plain(unit)}` : head)),
    colAligns: columns.map(({ align }) => align),
    chars: { ...NO_LINES, mid: '─', 'mid-mid': '─'.repeat(GAP.length), middle: GAP },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rowsOf(columns)) table.push(row);
  return table.toString().replaceAll(/ +$/gm, '');
}

/** The same as a table of GitHub's Markdown; units stand in the heads, and texts can't begin markup. */
export function markdownTable(columns: readonly TextColumn[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [
    line(columns.map(({ head, unit }) => (unit === '' ? head : `${head} (${plain(unit)})`))),
    `|${columns.map(({ align }) => (align === 'right' ? ' --: ' : ' :-- ')).join('|')}|`,
    ...rowsOf(columns).map(line),
  ].join('\n');
}

function rowsOf(columns: readonly TextColumn[]): string[][] {
  const height = columns[0]?.cells.length ?? 0;
  return Array.from({ length: height }, (_, row) => columns.map(({ cells }) => cells[row]!));
}

/** A text on one line that can't begin markup, mention a person or link to anything. */
export const markdownText = (text: string): string =>
  plain(text)
    .replaceAll(/[\\`*_{}[\]<>#|~&!]/g, String.raw`\$&`)
    .replaceAll('@', '@\u{200B}');
