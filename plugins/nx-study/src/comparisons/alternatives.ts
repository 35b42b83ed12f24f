import { groupBy } from '../base/group-by.ts';
import type { JsonObject } from '../base/json.ts';
import type { Row } from '../state/rows.ts';

/** What is compared: an experiment, or one workload of it, on one machine; its repetitions are its rows. */
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
  /** null where all rows are of one machine. */
  host: string | null;
  varied: JsonObject;
  isBaseline: boolean;
  /** At least one, in the order of the plan. */
  rows: Row[];
}

/** The alternatives of a study, in the order of its plan. Each row belongs to just one of them. */
export function alternativesOf(rows: readonly Row[]): Alternative[] {
  const hosts = new Set(rows.flatMap((row) => hostOf(row) ?? []));
  const found = groupBy(rows, (row) =>
    JSON.stringify([row.experiment, workloadOf(row), hosts.size > 1 ? hostOf(row) : null]),
  );
  const alternatives = [...found].map(([key, of]) => alternativeOf(key, of, hosts.size > 1));
  const labels = groupBy(alternatives, ({ name }) => name);
  return alternatives.map((one) => (labels.get(one.name)!.length > 1 ? { ...one, name: distinctName(one) } : one));
}

const hostOf = ({ stored }: Row): string | null => stored?.record.supervisor.host ?? null;
const workloadOf = ({ part }: Row): string | null => (part.of > 1 ? part.name : null);

function alternativeOf(key: string, rows: Row[], isOfSeveralHosts: boolean): Alternative {
  const { experiment, label, worker, varied, baseline: isBaseline } = rows[0]!;
  const [workload, host] = [workloadOf(rows[0]!), isOfSeveralHosts ? hostOf(rows[0]!) : null];
  const name = [label, workload, host && `on ${host}`].filter((part) => part !== null).join(' ');
  return { key, name, experiment, label, worker, workload, host, varied, isBaseline, rows };
}

/** Labels need not be unique; ids are. */
const distinctName = ({ name, label, experiment }: Alternative): string => name.replace(label, () => experiment);
