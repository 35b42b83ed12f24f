import { groupBy } from '../base/group-by.ts';
import type { JsonObject } from '../base/json.ts';
import { kindOfMachine, machineNames } from '../state/machines.ts';
import type { MachineOf } from '../state/machines.ts';
import type { Row } from '../state/rows.ts';

/** What is compared: an experiment, or one workload of it, on one machine or on several alike; its repetitions are its rows. */
export interface Alternative {
  /** Unique among the alternatives of a study. */
  key: string;
  /** For people; unique, too. */
  name: string;
  experiment: string;
  label: string;
  worker: string;
  /** null where the experiment has only one. */
  workload: string | null;
  /** null where all rows are of one machine, or of several that are taken together. */
  host: string | null;
  /** The machines that measured its rows. */
  hosts: string[];
  varied: JsonObject;
  isBaseline: boolean;
  /** At least one, in the order of the plan. */
  rows: Row[];
  /** The machine of each of its rows; null where none was there. */
  machines: (string | null)[];
}

/**
 * The alternatives of a study, in the order of its plan. Each row belongs to just one of them. Machines that measured stay
 * apart, but for machines of one kind where the study divides its measurements among several.
 * @param lanes - among how many.
 */
export function alternativesOf(rows: readonly Row[], lanes = 1): Alternative[] {
  const machineOf = machineNames(rows);
  const measuring = new Set(measuringIn(rows, machineOf));
  const areApart = measuring.size > 1 && (lanes === 1 || !areAlike(rows));
  // A machine on which attempts only failed has nothing to be compared.
  const apartOf = (row: Row) => (areApart && measuring.has(machineOf(row) ?? '') ? machineOf(row) : null);
  const found = groupBy(rows, (row) => JSON.stringify([row.experiment, workloadOf(row), apartOf(row)]));
  const alternatives = [...found].map(([key, of]) => alternativeOf(key, of, { host: apartOf(of[0]!), machineOf }));
  const labels = groupBy(alternatives, ({ name }) => name);
  return alternatives.map((one) => (labels.get(one.name)!.length > 1 ? { ...one, name: distinctName(one) } : one));
}

const measuringIn = (rows: readonly Row[], machineOf: MachineOf): string[] => [
  ...new Set(rows.flatMap((row) => (row.state === 'measured' ? (machineOf(row) ?? []) : []))),
];

/** Whether all machines that measured are of one kind; where an attempt only failed does not matter. */
function areAlike(rows: readonly Row[]): boolean {
  const kinds = rows.flatMap(({ state, stored }) =>
    state !== 'measured' || stored === null ? [] : kindOfMachine(stored.record),
  );
  return new Set(kinds).size <= 1;
}

const workloadOf = ({ part }: Row): string | null => (part.of > 1 ? part.name : null);

function alternativeOf(
  key: string,
  rows: Row[],
  { host, machineOf }: { host: string | null; machineOf: MachineOf },
): Alternative {
  const { experiment, label, worker, varied, baseline: isBaseline } = rows[0]!;
  const workload = workloadOf(rows[0]!);
  const name = [label, workload, host && `on ${host}`].filter((part) => part !== null).join(' ');
  const [hosts, machines] = [measuringIn(rows, machineOf), rows.map(machineOf)];
  return { key, name, experiment, label, worker, workload, host, hosts, varied, isBaseline, rows, machines };
}

/** Labels need not be unique; ids are. */
const distinctName = ({ name, label, experiment }: Alternative): string => name.replace(label, () => experiment);
