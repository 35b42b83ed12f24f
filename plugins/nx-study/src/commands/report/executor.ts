import type { ExecutorContext } from '@nx/devkit';
import { forAll, forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { reportTexts } from './texts.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { painter } from '../../base/layout.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { withElsewhere } from '../../state/elsewhere.ts';
import { gather } from '../../state/gather.ts';
import { comparisonsTable } from '../../comparisons/table.ts';
import { writeTables } from '../../tables/write.ts';
import { writeBundle } from './bundle.ts';
import { markdownReport, terminalReport } from './layout.ts';
import { writeBenchmarkReports } from './llmd/write.ts';
import { writePages } from './write-page.ts';
import { reportOf } from './report.ts';

export interface ReportOptions {
  study: string;
  width?: number;
  columns?: string[];
  markdown?: boolean;
  from?: string[];
  bundle?: boolean;
  llmd?: boolean;
  observations?: boolean;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Renders a study's table, and writes all numbers as tables beside the results. Failed measurements are rows of it: only a report that can't be made fails. */
async function reportOn(
  options: ReportOptions,
  { root }: Pick<ExecutorContext, 'root'>,
  screen: Screen,
): Promise<Answer> {
  const {
    study,
    width,
    columns,
    markdown = false,
    from = [],
    bundle = false,
    llmd = false,
    observations = false,
  } = options;
  const { color } = screen;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const results = await withElsewhere(root, await gather(root, study), from);
  const paint = painter(color && !markdown);
  const report = reportOf({ results, workspaceRoot: root, chosen: columns ?? null, paint });
  const text = markdown
    ? markdownReport(report)
    : terminalReport(report, width ?? (screen.columns || COLUMNS_WITHOUT_TERMINAL), color);
  const folder = await writeTables(root, results, {
    more: [comparisonsTable(study, report.comparisons)],
    observations,
  });
  const { page, index } = await writePages(root, folder, { results, report });
  const exports = llmd ? await writeBenchmarkReports(root, folder, results) : { files: [], lines: [] };
  const bundled = bundle ? [reportTexts.bundle(await writeBundle(root, folder, { results, more: exports.files }))] : [];
  const places = [
    reportTexts.page(page, index),
    reportTexts.tables(folder),
    ...(observations ? [reportTexts.observations(folder)] : []),
    ...exports.lines,
    ...bundled,
  ].join('\n');
  return { success: true, text: forTerminal(`\n${text}\n\n${places}\n`, color) };
}

export default forOne(reportOn);

export const reportAll = forAll(reportOn);
