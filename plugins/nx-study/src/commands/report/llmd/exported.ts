import { groupBy } from '../../../base/group-by.ts';
import { isAbsent } from '../../../base/known.ts';
import { payloadOf } from '../../../kinds/evidence.ts';
import { payloadSchema } from '../../../kinds/llm-inference/payload.ts';
import type { MeasuredWorkload, Payload } from '../../../kinds/llm-inference/schema.ts';
import type { MeasurementRecord } from '../../../record/schema.ts';
import { measurementsOf } from '../../../state/rows.ts';
import type { Row } from '../../../state/rows.ts';
import { llmdTexts as texts } from './texts.ts';

/** A workload of a language model that is measured, with all that a report of it is made from. */
export interface Exported {
  row: Row;
  record: MeasurementRecord;
  payload: Payload;
  workload: MeasuredWorkload;
}

/** Rows that can be exported, each with its documents: those that are measured, whole and of kind `llm-inference`. */
export const exportedOf = (rows: readonly Row[]): Exported[] =>
  rows.flatMap((row) => {
    if (row.state !== 'measured' || row.stored === null || row.stored.record.kind !== 'llm-inference') return [];
    const payload = payloadOf(row.stored, payloadSchema);
    if (isAbsent(payload)) return [];
    const workload = payload.workloads[row.part.index]!;
    return [{ row, record: row.stored.record, payload, workload }];
  });

/** Why measurements are left out, with their ids: `2 stale (a, b)`. */
export function leftOut(rows: readonly Row[], exported: readonly Exported[]): string[] {
  // Rows of several machines may have the same id.
  const written = new Set(exported.map(({ row }) => row.stored));
  const others = measurementsOf(rows).filter(({ stored }) => stored === null || !written.has(stored));
  return [...groupBy(others, reasonFor)].map(([reason, of]) =>
    texts.leftOut(
      reason,
      of.map(({ id }) => id),
    ),
  );
}

function reasonFor({ state, stored }: Row): string {
  if (state !== 'measured' || stored === null) return state;
  return stored.record.kind === 'llm-inference' ? texts.unreadable : texts.otherKind(stored.record.kind);
}
