import { painter, wrap } from '../../base/layout.ts';
import { markdownTable, markdownText } from '../../base/text-table.ts';
import type { Report } from './report.ts';
import { fittedTable, NO_LIMIT } from './table.ts';
import { reportTexts as texts } from './texts.ts';

/** A report for a terminal of so many columns. */
export function terminalReport(
  { title, summary, answer, tables, notes }: Report,
  columns: number,
  color: boolean,
): string {
  const paint = painter(color);
  return [
    ...wrap(title, columns, '').map((line) => paint('bold', line)),
    ...(summary === null ? [] : wrap(summary, columns, '')),
    '',
    ...answer.flatMap((sentence) => sentence.split('\n').flatMap((line) => wrap(line, columns, '  '))),
    ...tables.flatMap(({ columnsFor, remarks }) => {
      const { text, left_out } = fittedTable(columnsFor, columns);
      const below = left_out.length > 0 ? [...remarks, texts.leftOut(left_out)] : remarks;
      return ['', text, ...below.flatMap((remark) => wrap(remark, columns, '  '))];
    }),
    ...notes.flatMap(({ head, lines }) => [
      '',
      ...wrap(head, columns, '  '),
      ...lines.flatMap((line) => wrap(`  ${line}`, columns, '    ')),
    ]),
  ].join('\n');
}

/** A report in GitHub's Markdown, for a pull request: nothing is left out for lack of room. */
export function markdownReport({ title, summary, answer, tables, notes }: Report): string {
  return [
    `## ${markdownText(title)}`,
    ...(summary === null ? [] : [markdownText(summary)]),
    ...answer.map(markdownText),
    ...tables.map(({ columnsFor, remarks }) =>
      [
        markdownTable(columnsFor({ wide: false, nameWidth: NO_LIMIT })),
        ...remarks.map((one) => `\n${markdownText(one)}`),
      ].join('\n'),
    ),
    ...notes.map(({ head, lines }) =>
      [markdownText(head), ...lines.map((line) => `- ${markdownText(line)}`)].join('\n'),
    ),
  ].join('\n\n');
}
