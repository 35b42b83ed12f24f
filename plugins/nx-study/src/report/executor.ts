import type { ExecutorContext } from '@nx/devkit';
import { reasonOf } from '../errors/files.ts';
import { reportTexts } from '../errors/report.ts';
import { writeCsv } from './csv.ts';
import { gather } from './gather.ts';
import { renderReport } from './report.ts';

export interface ReportOptions {
  study: string;
  columns?: number;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Prints a study's table, and writes it as CSV. Failed measurements are rows of it: only a report that can't be made fails. */
export default async function report(
  { study, columns }: ReportOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  try {
    const { text, results } = renderReport({
      ...(await gather(root, study)),
      workspaceRoot: root,
      columns: columns ?? (process.stdout.columns || COLUMNS_WITHOUT_TERMINAL),
      color: hasColor(),
    });
    const file = await writeCsv(root, results);
    console.log(`\n${text}\n\n${reportTexts.csv(file)}\n`);
    return { success: true };
  } catch (error) {
    console.error(`\n${reasonOf(error)}\n`);
    return { success: false };
  }
}

// https://no-color.org: any value but an empty one.
const hasColor = () => process.stdout.isTTY && !process.env.NO_COLOR && process.stdout.hasColors();
