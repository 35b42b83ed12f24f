import { reportTexts as texts } from './texts.ts';
import { notesOf } from './notes.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results, Row } from '../../state/rows.ts';
import { fittedTable } from './table.ts';
import { painter, plain, plural, wrap } from '../../base/layout.ts';

export interface ReportInput {
  results: Results;
  workspaceRoot: string;
  /** Columns of the terminal. */
  columns: number;
  color: boolean;
}

// As many as a plan has unless its study raises the limit.
const SHOWN_ROWS = 1000;

/** A study's results as text for a terminal of `columns` columns. */
export function renderReport({ results, workspaceRoot, columns, color }: ReportInput): string {
  const { study, description, rows } = results;
  const paint = painter(color);
  const title = wrap(plain(description === null ? study : `${study}: ${description}`), columns, '');
  if (rows.every(({ stored, damage }) => stored === null && damage === null)) {
    const notes = notesOf(
      { ...results, rows: rows.filter((row) => row.earlier.failure !== null) },
      workspaceRoot,
      paint,
    );
    return [...title, '', texts.nothing(study, rows.length), ...notesText(notes, columns)].join('\n');
  }
  const shown = rows.slice(0, SHOWN_ROWS);
  const table = fittedTable(shown, columns, paint);
  const remarks = [
    ...(shown.some(({ baseline }) => baseline) ? [texts.baseline] : []),
    ...(shown.length < rows.length ? [texts.rowsLeftOut(shown.length, rows.length)] : []),
    ...(table.left_out.length > 0 ? [texts.leftOut(table.left_out)] : []),
  ];
  return [
    ...title.map((line) => paint('bold', line)),
    ...wrap(summary(rows), columns, ''),
    '',
    table.text,
    ...remarks.flatMap((remark) => wrap(remark, columns, '  ')),
    ...notesText(notesOf(results, workspaceRoot, paint), columns),
  ].join('\n');
}

/** `3 measurements: 2 measured (1 PASS, 1 FAIL), 1 failed`. */
function summary(rows: readonly Row[]): string {
  const measurements = measurementsOf(rows);
  const states = count(measurements.map(({ state }) => state));
  const parts = [...states].map(([state, number]) => {
    const verdicts = count(rows.flatMap((row) => (row.state === state && row.verdict !== null ? [row.verdict] : [])));
    const details = [...verdicts].map(([verdict, of]) => `${of} ${verdict}`).join(', ');
    return `${number} ${state}${details && ` (${details})`}`;
  });
  return `${plural(measurements.length, 'measurement')}: ${parts.join(', ')}`;
}

function count<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function notesText(notes: ReturnType<typeof notesOf>, columns: number): string[] {
  return notes.flatMap(({ head, lines }) => [
    '',
    ...wrap(head, columns, '  '),
    ...lines.flatMap((line) => wrap(`  ${line}`, columns, '    ')),
  ]);
}
