import type { ExecutorContext } from '@nx/devkit';
import { remeasuredText } from './texts.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { print, printError } from '../../base/terminal.ts';
import { remeasure } from './remeasure.ts';

export interface RemeasureOptions {
  study: string;
  id?: string[];
  flagged?: string[];
  failed?: string[];
}

/** Has the next run measure chosen measurements again; measures nothing itself. */
export default async function remeasureExecutor(
  options: RemeasureOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  const { study, id, flagged, failed } = options;
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    const selection = { id: listOf(id), flagged: listOf(flagged), failed: listOf(failed) };
    print(`\n${remeasuredText(root, study, await remeasure(root, study, selection))}\n`);
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}

// `--id a --id b` and `--id a,b` mean the same.
const listOf = (values: string[] = []): string[] => values.flatMap((value) => value.split(',')).filter(Boolean);
