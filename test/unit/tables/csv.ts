import type { Results } from '../../../plugins/nx-study/src/state/rows.ts';
import { csvOf } from '../../../plugins/nx-study/src/tables/csv.ts';
import { measurementsTable } from '../../../plugins/nx-study/src/tables/measurements.ts';

/** The table of measurements as a reader of its CSV sees it. */
export const csvLines = (results: Results): Record<string, string>[] => parseCsv(csvOf(measurementsTable(results)));

/** Enough of RFC 4180 to read our own files back. */
export function parseCsv(csv: string): Record<string, string>[] {
  const cells = [...csv.matchAll(/("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/g)];
  const lines: string[][] = [[]];
  for (const [, cell, end] of cells) {
    lines.at(-1)!.push(cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!);
    if (end !== ',') lines.push([]);
  }
  const [header, ...body] = lines.slice(0, -1);
  return body.map((line) => Object.fromEntries(header!.map((name, index) => [name, line[index]!])));
}
