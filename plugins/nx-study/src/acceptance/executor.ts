import type { ExecutorContext } from '@nx/devkit';
import { reasonOf } from '../errors/files.ts';
import { acceptedText } from '../errors/acceptance.ts';
import { accept } from './accept.ts';

/** Accepts that a change of code or dependencies leaves earlier outcomes valid; measures and adopts nothing itself. */
export default async function acceptExecutor(
  { study, because = '' }: { study: string; because?: string },
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  try {
    console.log(`\n${acceptedText(study, await accept(root, study, because))}\n`);
    return { success: true };
  } catch (error) {
    console.error(`\n${reasonOf(error)}\n`);
    return { success: false };
  }
}
