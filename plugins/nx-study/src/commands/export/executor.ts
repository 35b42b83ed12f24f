import type { ExecutorContext } from '@nx/devkit';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import { exportStudy } from './export.ts';
import { exportedText, exportTexts } from './texts.ts';

interface ExportOptions {
  study: string;
  to?: string;
  lane?: number;
}

/** Writes a copy of the workspace for another machine; measures nothing itself. */
async function exportOf(options: ExportOptions, { root }: Pick<ExecutorContext, 'root'>): Promise<Answer> {
  const { study, to, lane = null } = options;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  if (to === undefined || to === '') throw new Error(exportTexts.noFolder(study));
  const exporting = { study, to, lane };
  const exported = await exportStudy(root, exporting);
  return { success: true, text: forTerminal(`\n${exportedText(exporting, exported)}\n`) };
}

export default forOne(exportOf);
