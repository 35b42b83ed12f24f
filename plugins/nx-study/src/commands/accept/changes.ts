import { canonicalJson } from '../../base/canonical.ts';
import { differences } from '../../graph/differences.ts';
import { groupBy } from '../../base/group-by.ts';
import type { IdentifiedTask } from '../../graph/tasks.ts';
import { isMeasured } from '../../record/read.ts';
import type { Stored } from '../../record/read.ts';
import type { Identity, MeasurementRecord } from '../../record/schema.ts';
import type { Acceptance, WorkerVersion } from '../../amendments/accepted.ts';
import { holdsFor, isStanding } from '../../amendments/origins.ts';
import { standingIdentity } from '../../record/standing.ts';

/** The changes that could be accepted for the measurements of a study that have no outcome. */
export interface Acceptable {
  /** From the versions of a worker that measured earlier outcomes to the present ones, each once. */
  changes: Acceptance['changes'];
  /** The measurements whose earlier outcomes would count. */
  ids: string[];
  /** Measured before, but more than code or dependencies changed since. */
  refused: { id: string; differences: string[] }[];
}

/** Compares measurements without an outcome with the last outcomes that differ from them in code and dependencies only. */
export function acceptableChanges(
  tasks: readonly IdentifiedTask[],
  stored: readonly Stored[],
  accepted: readonly Acceptance[],
): Acceptable {
  const measured = stored.filter(isMeasured).map(({ record }) => record);
  const byDigest = groupBy(measured, ({ digest }) => digest);
  const standing = measured.filter((record) => isStanding(record, accepted));
  const bySubject = groupBy(standing, ({ identity }) => subjectOf(identity));
  const byId = groupBy(standing, ({ study, id }) => `${study} ${id}`);
  const changes = new Map<string, Acceptance['changes'][number]>();
  const found: Acceptable = { changes: [], ids: [], refused: [] };
  for (const { task, identity } of tasks) {
    const digests = [task.digest, ...task.accepted.map(({ digest }) => digest)];
    if (digests.some((digest) => byDigest.get(digest)?.some((record) => holdsFor(record, task.accepted)))) continue;
    const earlier = latest(bySubject.get(subjectOf(identity)));
    if (earlier) {
      const change = { worker: task.worker, from: versionOf(standingIdentity(earlier)), to: versionOf(identity) };
      changes.set(canonicalJson(change), change);
      found.ids.push(task.id);
      continue;
    }
    const other = latest(byId.get(`${task.study} ${task.id}`));
    if (other) {
      const changed = differences(standingIdentity(other), identity, task.configuration);
      found.refused.push({ id: task.id, differences: changed });
    }
  }
  return { ...found, changes: [...changes.values()] };
}

const versionOf = ({ code, environment }: Identity): WorkerVersion => ({ code, environment });

/** An identity without code and environment: the parts whose change can't be accepted. */
const subjectOf = (identity: Identity): string => canonicalJson({ ...identity, code: '', environment: null });

/** The one that was measured last; of one measurement and its reused copies, the copy for the latest change. */
function latest(records: MeasurementRecord[] = []): MeasurementRecord | undefined {
  const steps = ({ accepted }: MeasurementRecord) => accepted?.changes.length ?? 0;
  return records.toSorted((a, b) => a.started_at.localeCompare(b.started_at) || steps(a) - steps(b)).at(-1);
}
