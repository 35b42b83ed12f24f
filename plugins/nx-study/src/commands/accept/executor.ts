import type { ExecutorContext } from '@nx/devkit';
import { asTyped } from '../../base/as-typed.ts';
import { acceptedText } from './texts.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { print, printError } from '../../base/terminal.ts';
import { accept } from './accept.ts';

/** Accepts that a change of code or dependencies leaves earlier outcomes valid; measures and reuses nothing itself. */
export default async function acceptExecutor(
  options: { study: string; because?: string },
  context: Pick<ExecutorContext, 'root' | 'taskGraph'>,
): Promise<{ success: boolean }> {
  const { study, because = '' } = options;
  const reason = asTyped(context, 'because', because);
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    print(`\n${acceptedText(study, await accept(context.root, study, reason))}\n`);
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}
