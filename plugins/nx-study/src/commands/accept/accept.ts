import { acceptTexts as texts } from './texts.ts';
import { refuseLinks } from '../../graph/links.ts';
import { identifiedTasks } from '../../graph/tasks.ts';
import { readGitUser } from '../../record/git.ts';
import { readAllStudies } from '../../record/read.ts';
import { loadStudy } from '../../study/load.ts';
import { readWorkers } from '../../worker/read.ts';
import { acceptableChanges } from './changes.ts';
import type { Acceptable } from './changes.ts';
import { addAccepted, readAccepted } from '../../amendments/accepted.ts';
import { studyFile } from '../../workspace/places.ts';

/**
 * Accepts for a study that changes of code and dependencies since its last outcomes leave these valid, and adds that to
 * the study's folder. Measures and reuses nothing itself.
 * @throws Error when no reason is given, nothing can be accepted, or links stand among the results; StudyError.
 */
export async function accept(
  workspaceRoot: string,
  study: string,
  because: string,
): Promise<Acceptable & { file: string }> {
  const reason = because.trim();
  if (reason === '') throw new Error(texts.reason(study));
  refuseLinks(workspaceRoot, study);
  const workers = await readWorkers(workspaceRoot);
  const { plan } = await loadStudy({ workspaceRoot, file: studyFile(workspaceRoot, study), workers });
  const [tasks, { stored }, accepted] = await Promise.all([
    identifiedTasks(workspaceRoot, plan, workers),
    readAllStudies(workspaceRoot),
    readAccepted(workspaceRoot, study),
  ]);
  const found = acceptableChanges(tasks, stored, accepted);
  if (found.changes.length === 0) throw new Error(texts.none(study, found.refused));
  const file = await addAccepted(workspaceRoot, study, {
    because: reason,
    at: new Date().toISOString(),
    by: await readGitUser(workspaceRoot),
    changes: found.changes,
  });
  return { ...found, file };
}
