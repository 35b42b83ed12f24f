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

/** A table for a terminal; a line with units stands below the heads where some column has one. */
export function textTable(columns: readonly TextColumn[]): string {
  const hasUnits = columns.some(({ unit }) => unit !== '');
  const heads = columns.map(({ head, unit }) => (hasUnits ? `${head}\n${plain(unit)}` : head));
  const rule = '─'.repeat(columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1)));
  return [...linesOf(heads, columns), rule, ...rowsOf(columns).flatMap((row) => linesOf(row, columns))].join('\n');
}

/** As many lines as the tallest cell of the row has. */
function linesOf(row: readonly string[], columns: readonly TextColumn[]): string[] {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => padded(cells[index]![line] ?? '', column))
      .join(GAP)
      .trimEnd(),
  );
}

function padded(text: string, column: TextColumn): string {
  const blanks = ' '.repeat(widthOf(column) - displayWidth(text));
  return column.align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
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
