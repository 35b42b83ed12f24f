import { originOf } from '../../amendments/origins.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Stored } from '../../record/read.ts';
import { copyTo } from './adopt.ts';
import { currentIdentity } from '../../graph/current.ts';
import { acceptedFinding } from '../../amendments/texts.ts';
import { findOther } from '../../state/finished.ts';
import type { Finder } from '../../state/finished.ts';

/** Adopts what was measured before a change of code or dependencies that the study accepts, and says so in the record. */
export async function adoptAccepted(
  finder: Finder,
  task: MeasureTask,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  for (const { digest } of task.accepted) {
    const stored = await findOther(finder, task, digest, index);
    if (!stored) continue;
    const present = await currentIdentity(finder.workspaceRoot, task);
    if (present.digest !== task.digest) return null;
    const { code, environment } = present.identity;
    // What was adopted before is told from where it was measured.
    const { changes } = originOf(stored.record.identity, task.accepted)!;
    const findings = stored.record.findings.filter((finding) => finding.code !== acceptedFinding.code);
    return copyTo(finder, stored, task, {
      digest: task.digest,
      accepted: { code, environment, changes },
      findings: [...findings, ...changes.map(acceptedFinding.of)],
    });
  }
  return null;
}
