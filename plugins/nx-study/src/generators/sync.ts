import { globAsync } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { dirname } from 'node:path';
import { PLAN_FILE, planFile } from '../plan/planfile.ts';
import { loadStudy } from '../study/load.ts';
import { STUDY_FILE, studiesPatterns } from '../workspace/entry.ts';
import { readWorkers } from '../worker/read.ts';
import { writeEditorSchemas } from './schemas.ts';

interface SyncResult {
  outOfSyncMessage?: string;
}

/** The name that the file had before. */
const FORMER = 'study.plan.json';

/**
 * Brings every `study.lock` up to date, and the schemas that editors read. A study that can't be read keeps its old plan, and
 * while a worker can't be read, the schemas stay.
 */
export default async function sync(tree: Tree): Promise<SyncResult> {
  const workers = await readWorkers(tree.root);
  const stale: string[] = [];
  const patterns = studiesPatterns(tree.root).map((folder) => `${folder}/*/${STUDY_FILE}`);
  const files = await globAsync(tree, patterns);
  for (const file of files) {
    const text = await textOf(tree.root, file, workers);
    const target = `${dirname(file)}/${PLAN_FILE}`;
    if (text === null) continue;
    if (tree.exists(`${dirname(file)}/${FORMER}`)) tree.delete(`${dirname(file)}/${FORMER}`);
    if (tree.read(target, 'utf8') === text) continue;
    tree.write(target, text);
    stale.push(target);
  }
  const schemas = files.length > 0 && workers.broken.size === 0 ? await writeEditorSchemas(tree, workers.values()) : [];
  const messages = [
    ...(stale.length > 0 ? [`Plans that don't fit their study.yaml: ${stale.join(', ')}`] : []),
    ...(schemas.length > 0 ? [`Schemas for editors that don't fit the workers: ${schemas.join(', ')}`] : []),
  ];
  return messages.length === 0 ? {} : { outOfSyncMessage: messages.join('. ') };
}

type Workers = Awaited<ReturnType<typeof readWorkers>>;

async function textOf(workspaceRoot: string, file: string, workers: Workers): Promise<string | null> {
  try {
    const { plan, assets } = await loadStudy({ workspaceRoot, file, workers });
    return planFile(plan, assets);
  } catch {
    // The targets of the broken study report its problems.
    return null;
  }
}
