import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { csvText } from '../../../plugins/nx-study/src/tables/csv-text.ts';
import { CELLS, withoutMark } from './csv-cases.ts';

const READ = `
import csv, io, json, sys
rows = list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline=""), strict=True))
print(json.dumps(rows))
`;

function readByPython(csv: string): string[][] {
  return JSON.parse(execFileSync('python3', ['-c', READ], { input: csv, encoding: 'utf8' })) as string[][];
}

test("Python's csv reads every cell in its row and column, also in the header", () => {
  const texts = CELLS.map(([, text]) => text);
  const cells = CELLS.map(([cell]) => cell);
  const rows = readByPython(csvText([cells, ...cells.map((cell) => ['before', cell, 'after'])]));
  expect(rows[0]).toEqual(texts);
  expect(rows.slice(1)).toEqual(texts.map((text) => ['before', text, 'after']));
});

test('a carriage return stays within its cell', () => {
  expect(readByPython(csvText([['a\rb', 'c\r\nd', '\r=1']]))).toEqual([['a\rb', 'c\r\nd', "'\r=1"]]);
});

test('what was put before a formula can be taken away again', () => {
  const texts = CELLS.flatMap(([cell]) => (typeof cell === 'string' && !/[^\P{C}\t\n]/u.test(cell) ? [cell] : []));
  expect(texts).toContain('\n@x');
  const [read] = readByPython(csvText([texts]));
  expect(read!.map(withoutMark)).toEqual(texts);
});

test('lines end with CR LF, and no control character but tab and line ends is left', () => {
  const csv = csvText([CELLS.map(([cell]) => cell), ['x']]);
  expect(csv.endsWith('\r\nx\r\n')).toBe(true);
  expect(csv.replaceAll(/[\t\r\n]/g, '')).not.toMatch(/[\p{Cc}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{2028}\u{2029}]/u);
});
