import { planFile } from '../../plugins/nx-study/src/plan/planfile.ts';
import { loadStudy } from '../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../plugins/nx-study/src/worker/read.ts';
import type { Workspace } from './workspace.ts';

/** Writes the plans of studies as `nx sync` does, which has tests of its own; for tests whose subject is something else. */
export async function writePlans({ root, write }: Workspace, ...studies: string[]): Promise<void> {
  const workers = await readWorkers(root);
  for (const study of studies) {
    const { plan, assets } = await loadStudy({ workspaceRoot: root, file: `studies/${study}/study.yaml`, workers });
    await write(`studies/${study}/study.lock`, planFile(plan, assets));
  }
}
