import { join, relative } from 'node:path';
import { z } from 'zod';
import { dataFolder } from './data-folder.ts';
import { writeAtomically } from '../base/whole-file.ts';
import { statsOf } from '../machine/regular-file.ts';
import { readDocument } from './document.ts';
import type { Derived, MeasurementRecord } from './schema.ts';

/** The finished measurements of a workspace that were found whole, with the stamps that their files had then. */
export interface WholeMemory {
  /** Takes the stamps of a folder before it is examined: one stat(2) for each file. */
  begin(directory: string): FolderCheck;
  /** Writes them down for later processes. */
  save(): Promise<void>;
}

/** What is remembered of a folder that is about to be examined. */
export interface FolderCheck {
  /** Whether it was whole, and all files have the same stamps. */
  isKnown: boolean;
  /** Whether it counts only because a change was accepted; null when nothing is remembered. */
  isAccepted: boolean | null;
  /** Of its record; null when nothing is remembered. */
  digest: string | null;
  /** Hash of the code that derived its diagnostics; null also where it has none, or deriving failed. */
  deriving: string | null;
  noteWhole(record: Pick<MeasurementRecord, 'files' | 'accepted' | 'digest'>, derived: Derived | null): void;
}

const rememberedSchema = z.record(
  z.string(),
  z.object({
    files: z.array(z.string()),
    stamp: z.string(),
    accepted: z.boolean(),
    digest: z.string(),
    deriving: z.string().nullable(),
  }),
);

// Some 400 bytes for each measurement of the workspace.
const MOST_BYTES = 256 << 20;
// Chosen: a file that changes within the clock's resolution after it was examined would keep its stamp.
const TOO_YOUNG_MS = 2000;
const DOCUMENTS = ['record.json', 'result.json', 'derived.json'];

/**
 * Reads which finished measurements of a workspace were whole; none where the file is missing or unreadable.
 * @param options.remember - false: `save` writes nothing.
 */
export async function openWholeMemory(
  workspaceRoot: string,
  { remember = true }: { remember?: boolean } = {},
): Promise<WholeMemory> {
  const file = join(dataFolder(workspaceRoot), 'whole.json');
  const read = await readDocument(file, rememberedSchema, MOST_BYTES);
  const remembered = new Map(read.state === 'good' ? Object.entries(read.value) : []);
  const inside = `${workspaceRoot}/`;
  let changed = false;
  return {
    begin(directory) {
      const began = Date.now();
      // Cheaper than `relative`, ten thousand times.
      const key = directory.startsWith(inside) ? directory.slice(inside.length) : relative(workspaceRoot, directory);
      const known = remembered.get(key);
      const isKnown = known !== undefined && stampOf(directory, known.files).stamp === known.stamp;
      return {
        isKnown,
        isAccepted: isKnown ? known.accepted : null,
        digest: isKnown ? known.digest : null,
        deriving: isKnown ? known.deriving : null,
        noteWhole({ files: named, accepted, digest: recorded }, derived) {
          if (isKnown) return;
          const files = [...new Set([...DOCUMENTS, ...named.map(({ path }) => path)])];
          const { stamp, youngest_ms } = stampOf(directory, files);
          if (began - youngest_ms < TOO_YOUNG_MS) return;
          const deriving = derived?.outcome === 'derived' ? derived.deriving : null;
          remembered.set(key, { files, stamp, accepted: accepted !== null, digest: recorded, deriving });
          changed = true;
        },
      };
    },
    async save() {
      if (!changed || !remember) return;
      changed = false;
      // Only a hint: where it can't be written, the next process examines again.
      await writeAtomically(file, JSON.stringify(Object.fromEntries(remembered))).catch(() => {});
    },
  };
}

function stampOf(directory: string, files: readonly string[]): { stamp: string; youngest_ms: number } {
  const folder = statsOf(directory);
  let stamp = folder?.isDirectory() ? `${folder.ino};` : ';';
  let youngest_ms = 0;
  for (const file of files) {
    const stats = statsOf(`${directory}/${file}`);
    if (stats) {
      const { size, mtimeMs, ctimeMs, ino, mode } = stats;
      stamp += `${size}:${mtimeMs}:${ctimeMs}:${ino}:${mode}`;
      youngest_ms = Math.max(youngest_ms, mtimeMs, ctimeMs);
    }
    stamp += ';';
  }
  return { stamp, youngest_ms };
}
