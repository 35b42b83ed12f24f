import { canonicalJson } from '../base/canonical.ts';
import { groupBy } from '../base/group-by.ts';
import type { JsonObject } from '../base/json.ts';
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
  /** The machines of its rows. */
  hosts: string[];
  varied: JsonObject;
  isBaseline: boolean;
  /** At least one, in the order of the plan. */
  rows: Row[];
}

/**
 * The alternatives of a study, in the order of its plan. Each row belongs to just one of them. Machines stay apart, but for
 * machines of one kind where the study divides its measurements among several.
 * @param lanes - among how many.
 */
export function alternativesOf(rows: readonly Row[], lanes = 1): Alternative[] {
  const hosts = hostsOf(rows);
  const areApart = hosts.length > 1 && (lanes === 1 || !areAlike(rows));
  const found = groupBy(rows, (row) =>
    JSON.stringify([row.experiment, workloadOf(row), areApart ? hostOf(row) : null]),
  );
  const alternatives = [...found].map(([key, of]) => alternativeOf(key, of, areApart));
  const labels = groupBy(alternatives, ({ name }) => name);
  return alternatives.map((one) => (labels.get(one.name)!.length > 1 ? { ...one, name: distinctName(one) } : one));
}

const hostsOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => hostOf(row) ?? []))];

/** The facts by which one machine measures differently from another, as in `platform: host`. */
const KIND = ['cpu', 'cores', 'memory_class_gib', 'arch', 'system', 'accelerators'] as const;

/** Whether all machines that measured are of one kind; where an attempt only failed does not matter. */
function areAlike(rows: readonly Row[]): boolean {
  const kinds = rows.flatMap(({ state, stored }) =>
    state !== 'measured' || stored === null
      ? []
      : canonicalJson(KIND.map((fact) => stored.record.machine[fact] ?? null)),
  );
  return new Set(kinds).size <= 1;
}

/** The machine that measured a row; null where none did. */
export const hostOf = ({ stored }: Row): string | null => stored?.record.supervisor.host ?? null;
const workloadOf = ({ part }: Row): string | null => (part.of > 1 ? part.name : null);

function alternativeOf(key: string, rows: Row[], isOfOneHost: boolean): Alternative {
  const { experiment, label, worker, varied, baseline: isBaseline } = rows[0]!;
  const [workload, host] = [workloadOf(rows[0]!), isOfOneHost ? hostOf(rows[0]!) : null];
  const name = [label, workload, host && `on ${host}`].filter((part) => part !== null).join(' ');
  return { key, name, experiment, label, worker, workload, host, hosts: hostsOf(rows), varied, isBaseline, rows };
}

/** Labels need not be unique; ids are. */
const distinctName = ({ name, label, experiment }: Alternative): string => name.replace(label, () => experiment);
