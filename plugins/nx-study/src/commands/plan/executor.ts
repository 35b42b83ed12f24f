import type { ExecutorContext } from '@nx/devkit';
import { refuseLinks } from '../../graph/links.ts';
import { loadStudy } from '../../study/load.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { print, printError } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { readWorkers } from '../../worker/read.ts';
import type { InputNote } from './check.ts';
import { previewStudy } from './preview.ts';
import { programsText } from './programs.ts';
import { previewText } from './text.ts';

const isExpected = ({ effect, measurements, expected }: InputNote) =>
  effect === 'unchecked' || measurements === expected;

/** Shows what a study would run, and why; measures nothing. */
export default async function plan(
  options: { study: string; json?: boolean },
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    refuseLinks(root, options.study);
    const workers = await readWorkers(root);
    const { plan } = await loadStudy({ workspaceRoot: root, file: `studies/${options.study}/study.yaml`, workers });
    const preview = await previewStudy(root, plan, workers);
    const text = () => [previewText(preview, process.stdout.columns || 120), ...programsText(preview.programs)];
    print(options.json ? visibleJson(preview, 2) : text().join('\n'));
    return { success: preview.input_notes.every(isExpected) };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}
