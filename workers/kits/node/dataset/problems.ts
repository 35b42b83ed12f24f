import { basename } from 'node:path';
import type { Form } from './forms.ts';
import { readDataset } from './read.ts';

/** As the answer of a check has it. */
interface Problem {
  path: string;
  message: string;
  file: string;
}

/** What keeps the dataset of a configuration from being read; nothing where it has none. Its path is absolute. */
export function datasetProblems({ dataset }: { dataset?: { file: string; form: Form } | null }): Problem[] {
  if (dataset == null) return [];
  const { file, form } = dataset;
  try {
    readDataset(file, form);
    return [];
  } catch (error) {
    return [{ path: 'dataset.file', message: withFolder((error as Error).message, file), file }];
  }
}

/** What names a file alone, with its folder: studies have files of equal names. */
export const withFolder = (message: string, path: string): string =>
  message.includes(path) ? message : message.replace(basename(path), () => path);
