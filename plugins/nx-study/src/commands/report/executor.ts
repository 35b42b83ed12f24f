import type { ExecutorContext } from '@nx/devkit';
import { reportTexts } from './texts.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { hasColor, print, printError } from '../../base/terminal.ts';
import { writeCsv } from './csv.ts';
import { gather } from '../../state/gather.ts';
import { renderReport } from './report.ts';

export interface ReportOptions {
  study: string;
  columns?: number;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Prints a study's table, and writes it as CSV. Failed measurements are rows of it: only a report that can't be made fails. */
export default async function report(
  options: ReportOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  const { study, columns } = options;
  const color = hasColor();
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    const { text, results } = renderReport({
      ...(await gather(root, study)),
      workspaceRoot: root,
      columns: columns ?? (process.stdout.columns || COLUMNS_WITHOUT_TERMINAL),
      color,
    });
    const file = await writeCsv(root, results);
    print(`\n${text}\n\n${reportTexts.csv(file)}\n`, color);
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}
