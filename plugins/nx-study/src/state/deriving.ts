import { hashWithin } from '../machine/hash-regular.ts';
import { isAbsence, whyUnreadable } from '../record/document.ts';
import type { Stored } from '../record/read.ts';

/** Whether the diagnostics of a finished measurement are missing, or were made by other code than today's. */
export function needsDeriving({ record, derived }: Stored, deriving: string | null): boolean {
  if (deriving === null || record.outcome !== 'measured') return false;
  return derived?.outcome !== 'derived' || derived.deriving !== deriving;
}

export type LocalFiles = { state: 'whole' } | { state: 'missing' | 'damaged'; file: string };

/** Whether the files that deriving needs are here (they may be on another machine), and are those that were measured. */
export async function localFiles({ directory, record }: Stored): Promise<LocalFiles> {
  for (const { path, sha256 } of record.files.filter(({ local }) => local)) {
    try {
      const found = await hashWithin(directory, path);
      if (found.sha256 !== sha256) return { state: 'damaged', file: path };
    } catch (error) {
      if (isAbsence(error)) return { state: 'missing', file: path };
      // Throws what says nothing about the file.
      whyUnreadable(error);
      return { state: 'damaged', file: path };
    }
  }
  return { state: 'whole' };
}
