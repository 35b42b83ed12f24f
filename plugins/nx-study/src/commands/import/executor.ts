import type { ExecutorContext } from '@nx/devkit';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import { importResults } from './import.ts';
import { importedText, importTexts } from './texts.ts';

interface ImportOptions {
  study: string;
  from?: string[];
}

/** Takes in results of other machines; measures nothing itself. Fails where one is damaged, or a folder holds none. */
async function importOf(options: ImportOptions, { root }: Pick<ExecutorContext, 'root'>): Promise<Answer> {
  const { study, from = [] } = options;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  if (from.length === 0) throw new Error(importTexts.nothingNamed(study));
  const imported = await importResults(root, study, from);
  const success = imported.refused.length === 0 && imported.empty.length === 0;
  return { success, text: forTerminal(`\n${importedText(study, imported)}\n`) };
}

export default forOne(importOf);
