import { globAsync } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { dirname } from 'node:path';
import { PLAN_FILE, planFile } from '../plan/planfile.ts';
import { loadStudy } from '../study/load.ts';
import { STUDY_FILE, studiesPatterns } from '../workspace/entry.ts';
import { readWorkers } from '../worker/read.ts';

interface SyncResult {
  outOfSyncMessage?: string;
}

/** The name that the file had before. */
const FORMER = 'study.plan.json';

/** Brings every `study.lock` up to date; a study that can't be read keeps its old one. */
export default async function sync(tree: Tree): Promise<SyncResult> {
  const workers = await readWorkers(tree.root);
  const stale: string[] = [];
  for (const file of await globAsync(
    tree,
    studiesPatterns(tree.root).map((folder) => `${folder}/*/${STUDY_FILE}`),
  )) {
    const text = await textOf(tree.root, file, workers);
    const target = `${dirname(file)}/${PLAN_FILE}`;
    if (text === null) continue;
    if (tree.exists(`${dirname(file)}/${FORMER}`)) tree.delete(`${dirname(file)}/${FORMER}`);
    if (tree.read(target, 'utf8') === text) continue;
    tree.write(target, text);
    stale.push(target);
  }
  return stale.length === 0 ? {} : { outOfSyncMessage: `Plans that don't fit their study.yaml: ${stale.join(', ')}` };
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
