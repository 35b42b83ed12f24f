import type { ExecutorContext } from '@nx/devkit';
import { acceptedText } from '../errors/acceptance.ts';
import { refuseUnknownOptions } from '../options.ts';
import { print, printError } from '../terminal.ts';
import { accept } from './accept.ts';

/** Accepts that a change of code or dependencies leaves earlier outcomes valid; measures and adopts nothing itself. */
export default async function acceptExecutor(
  options: { study: string; because?: string },
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  const { study, because = '' } = options;
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    print(`\n${acceptedText(study, await accept(root, study, because))}\n`);
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}
