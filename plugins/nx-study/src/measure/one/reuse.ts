import { relative } from 'node:path';
import { readAccepted } from '../../amendments/accepted.ts';
import type { WorkerVersion } from '../../amendments/accepted.ts';
import { originOf } from '../../amendments/origins.ts';
import { acceptedFinding } from '../../amendments/texts.ts';
import { canonicalJson, sha256 } from '../../base/canonical.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { copyFinished } from '../../record/copy.ts';
import { writeRecord } from '../../record/durable.ts';
import { finishedDirectory } from '../../record/paths.ts';
import type { Stored } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { findOwn } from '../../state/finished.ts';
import type { Finder } from '../../state/finished.ts';

/**
 * Copies a result to where that of a task belongs: one of the same digest from another id or study, after a renaming, or
 * one from before a change of code or dependencies that the study accepts, which the record says then. Null when it
 * does not count any more, or another run was faster with something else.
 */
export async function reuse(finder: Finder, task: MeasureTask, stored: Stored): Promise<Stored | null> {
  if (stored.record.digest === task.digest) return copyTo(finder, stored, task);
  const present = await presentVersion(finder.workspaceRoot, task, stored.record);
  // What was reused before is compared with where it was measured.
  const origin = originOf(stored.record.identity, task.accepted);
  if (present === null || origin === undefined) return null;
  const findings = stored.record.findings.filter((finding) => finding.code !== acceptedFinding.code);
  return copyTo(finder, stored, task, {
    digest: task.digest,
    accepted: { ...present, changes: origin.changes },
    findings: [...findings, ...origin.changes.map(acceptedFinding.of)],
  });
}

/** Code and environment of a task, by the acceptance that leads to its digest; null where that was withdrawn since. */
async function presentVersion(
  workspaceRoot: string,
  { study, worker, digest }: MeasureTask,
  { identity }: MeasurementRecord,
): Promise<WorkerVersion | null> {
  const hash = await sha256();
  const changes = (await readAccepted(workspaceRoot, study)).flatMap((one) => one.changes);
  const ends = changes.filter((change) => change.worker === worker).map(({ to }) => to);
  return ends.find((to) => hash(canonicalJson({ ...identity, ...to })) === digest) ?? null;
}

/** Copies a finished measurement to where the task's own one belongs, with what its record says differently there. */
async function copyTo(
  finder: Finder,
  stored: Stored,
  task: MeasureTask,
  changes: Partial<MeasurementRecord> = {},
): Promise<Stored | null> {
  const { workspaceRoot } = finder;
  const slot = { workspaceRoot, ...task };
  const { study, id, experiment, label, varied } = task;
  const record = {
    ...stored.record,
    study,
    id,
    experiment,
    label,
    varied,
    reused_from: relative(workspaceRoot, stored.directory),
    ...changes,
  };
  const isCopied = await copyFinished(stored.directory, slot, {
    isWhole: async () => (await findOwn(finder, task)).state === 'whole',
    edit: (directory) => writeRecord(directory, record),
  });
  if (isCopied) return { ...stored, directory: finishedDirectory(slot, task.digest), record };
  // Another run may have been faster.
  const own = await findOwn(finder, task);
  return own.state === 'whole' ? own.stored : null;
}
