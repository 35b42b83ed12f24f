import { measurementsOf } from '../../state/rows.ts';
import type { Row } from '../../state/rows.ts';
import { idsNamed } from '../remeasure/select.ts';
import { refusals as texts } from './texts.ts';

/** The experiment that is to become the default. */
export interface Chosen {
  /** All rows of the experiment: its repetitions and their workloads. */
  rows: Row[];
  /** The reason that a person gave against failed gates; null where none failed. */
  despite: string | null;
}

/** Findings that say that its numbers are none. */
const UNREADABLE = new Set(['unreadable-result', 'unknown-kind', 'unchecked-result']);

/**
 * The experiment that a name stands for: an id, the beginning of one, or a label.
 * @throws Error for a name that is unknown or means several experiments, for what is not measured as the study is now, and
 *   for failed gates of any repetition, unless there is a reason against them.
 */
export function chooseExperiment(
  study: string,
  rows: readonly Row[],
  { measurement, despite }: { measurement: string; despite: string | null },
): Chosen {
  const all = measurementsOf(rows);
  if (measurement.trim() === '')
    throw new Error(
      texts.noMeasurement(
        study,
        all.map(({ id }) => id),
      ),
    );
  const ids = new Set(idsNamed(all, measurement));
  const named = all.filter(({ id }) => ids.has(id));
  const experiments = [...new Set(named.map(({ experiment }) => experiment))];
  if (experiments.length > 1) throw new Error(texts.ambiguous(measurement, experiments));
  for (const { id, state } of named) if (state !== 'measured') throw new Error(texts.notMeasured(study, id, state));
  const own = rows.filter(({ experiment }) => experiment === experiments[0]);
  refuseUnreadable(own);
  return { rows: own, despite: reasonAgainst(own, despite) };
}

function refuseUnreadable(rows: readonly Row[]): void {
  for (const { id, findings } of rows) {
    const found = findings.find(({ code }) => UNREADABLE.has(code));
    if (found) throw new Error(texts.unreadable(id, found.message));
  }
}

/** A gate that failed in one repetition is not made good by another one. */
function reasonAgainst(rows: readonly Row[], despite: string | null): string | null {
  const failed = rows.find(({ verdict }) => verdict === 'FAIL');
  if (despite !== null && despite.trim() === '') throw new Error(texts.emptyReason);
  if (!failed) {
    if (despite !== null) throw new Error(texts.needless(rows[0]!.label));
    return null;
  }
  const gates = failed.gates.filter(({ verdict }) => verdict === 'FAIL');
  if (despite === null) throw new Error(texts.gates(failed.id, gates));
  return despite.trim();
}
