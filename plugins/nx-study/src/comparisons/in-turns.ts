import { groupBy } from '../base/group-by.ts';
import type { Row } from '../state/rows.ts';

export const isMeasuredRow = ({ state, stored }: Row): boolean => state === 'measured' && stored !== null;

/**
 * Whether on each machine every repetition of both sides was measured before the next one of either began. Only then do equal
 * repetitions share what changes on the machine meanwhile, whatever the order in which a study or a run meant to measure.
 */
export function wereInTurns(one: OnMachines, other: OnMachines): boolean {
  const theirs = byMachine(other);
  return [...byMachine(one)].every(([machine, own]) => wereInTurnsThere(own, theirs.get(machine) ?? []));
}

/** Rows, and the machine of each. */
interface OnMachines {
  rows: readonly Row[];
  machines: readonly (string | null)[];
}

function byMachine({ rows, machines }: OnMachines): Map<string | null, Row[]> {
  const found = groupBy(
    rows.map((row, index) => ({ row, machine: machines[index]! })),
    ({ machine }) => machine,
  );
  return new Map([...found].map(([machine, own]) => [machine, own.map(({ row }) => row)]));
}

function wereInTurnsThere(one: readonly Row[], other: readonly Row[]): boolean {
  const [ours, theirs] = [startsOf(one), startsOf(other)];
  const common = [...ours.keys()].filter((repetition) => theirs.has(repetition)).toSorted((a, b) => a - b);
  const spans = common.map((repetition) => [...ours.get(repetition)!, ...theirs.get(repetition)!]);
  return spans.every((span, index) => index === 0 || Math.max(...spans[index - 1]!) <= Math.min(...span));
}

/** Repetition → when its measurements began. */
function startsOf(rows: readonly Row[]): Map<number, number[]> {
  const starts = new Map<number, number[]>();
  for (const { repetition, stored } of rows.filter(isMeasuredRow))
    starts.set(repetition, [...(starts.get(repetition) ?? []), Date.parse(stored!.record.started_at)]);
  return starts;
}
