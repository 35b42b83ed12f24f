import type { ExecutorContext } from '@nx/devkit';
import { forAll, forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { reportTexts } from './texts.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { withElsewhere } from '../../state/elsewhere.ts';
import { gather } from '../../state/gather.ts';
import { writeTables } from '../../tables/write.ts';
import { renderReport } from './report.ts';

export interface ReportOptions {
  study: string;
  columns?: number;
  from?: string[];
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Renders a study's table, and writes all numbers as tables beside the results. Failed measurements are rows of it: only a report that can't be made fails. */
async function reportOn(
  options: ReportOptions,
  { root }: Pick<ExecutorContext, 'root'>,
  screen: Screen,
): Promise<Answer> {
  const { study, columns, from = [] } = options;
  const { color } = screen;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const results = await withElsewhere(root, await gather(root, study), from);
  const text = renderReport({
    results,
    workspaceRoot: root,
    columns: columns ?? (screen.columns || COLUMNS_WITHOUT_TERMINAL),
    color,
  });
  const folder = await writeTables(root, results);
  return { success: true, text: forTerminal(`\n${text}\n\n${reportTexts.tables(folder)}\n`, color) };
}

export default forOne(reportOn);

export const reportAll = forAll(reportOn);
