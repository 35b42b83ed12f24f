import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { csvText } from '../../../plugins/nx-study/src/tables/csv-text.ts';
import { findR } from '../../helpers/r.ts';
import { CELLS } from './csv-cases.ts';

// Bytes in hex, so that no printing stands between R and us.
const READ = `
table <- read.csv(commandArgs(TRUE), header = FALSE, colClasses = "character", na.strings = character(), encoding = "UTF-8")
for (cell in t(as.matrix(table))) cat(paste(charToRaw(cell), collapse = ""), "\\n", sep = "")
`;

const COLUMNS = 3;

async function readByR(csv: string): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-r-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'measurements.csv');
  await writeFile(file, csv);
  const printed = execFileSync('Rscript', ['--vanilla', '-e', READ, file], { encoding: 'utf8' });
  const cells = printed
    .split('\n')
    .slice(0, -1)
    .map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
  return Array.from({ length: cells.length / COLUMNS }, (_, row) => cells.slice(row * COLUMNS, (row + 1) * COLUMNS));
}

test.runIf(findR())('R reads every cell in its row and column', { timeout: 300_000 }, async () => {
  const rows = await readByR(csvText(CELLS.map(([cell]) => ['before', cell, 'after'])));
  expect(rows).toEqual(CELLS.map(([, text]) => ['before', text, 'after']));
});
