import type { ExecutorContext } from '@nx/devkit';
import { reasonOf } from '../errors/files.ts';
import { remeasuredText } from '../errors/takes.ts';
import { remeasure } from './remeasure.ts';

export interface RemeasureOptions {
  study: string;
  id?: string[];
  flagged?: string[];
  failed?: string[];
}

/** Has the next run measure chosen measurements again; measures nothing itself. */
export default async function remeasureExecutor(
  { study, id, flagged, failed }: RemeasureOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  try {
    const selection = { id: listOf(id), flagged: listOf(flagged), failed: listOf(failed) };
    console.log(`\n${remeasuredText(study, await remeasure(root, study, selection))}\n`);
    return { success: true };
  } catch (error) {
    console.error(`\n${reasonOf(error)}\n`);
    return { success: false };
  }
}

// `--id a --id b` and `--id a,b` mean the same.
const listOf = (values: string[] = []): string[] => values.flatMap((value) => value.split(',')).filter(Boolean);
