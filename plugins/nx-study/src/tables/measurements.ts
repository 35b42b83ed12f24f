import type { Json } from '../base/json.ts';
import { INVALID } from '../state/states.ts';
import type { Results, Row } from '../state/rows.ts';
import type { Cell, Column, Table } from './column.ts';
import { typeOf } from './column.ts';
import { flatten } from './flatten.ts';
import { machineOf, phasesOf, versionsOf } from './circumstances.ts';
import type { MetricPosterior, MetricPrior } from '../kinds/kind.ts';
import { metricNames, REASON } from './metric-names.ts';
import type { PosteriorEnd } from './metric-names.ts';
import { recordColumns } from './record-columns.ts';

/**
 * One row for every measurement of the plan (for each of its workloads, where it has several: they have the same `id`),
 * and for every configuration that it leaves out as invalid (`state` is `invalid`, without an id). Metrics are in the units
 * of their names; a column `<metric>_reason` says why one has no value. A stale row has the settings that were measured.
 */
export function measurementsTable({ study, rows, invalid }: Results): Table {
  const known: Column[] = recordColumns.map(({ of, ...definition }) => ({
    ...definition,
    cells: rows.map((row) => of(row, study)),
  }));
  const facts = named(
    rows.map((row) => row.facts.map(({ name, value }) => [name, value])),
    (name) => `The worker's fact \`${name}\``,
    new Set(known.map(({ name }) => name)),
  );
  const taken = new Set([...known, ...facts].map(({ name }) => name));
  const { varied, configuration } = settingColumns([
    ...rows.map(settingsOf),
    ...invalid.map(({ varied: axes, written }) => ({ varied: axes, configuration: written })),
  ]);
  const left = [known, facts].flat();
  const right = [
    named(rows.map(phasesOf), (name) => `How long ${name.slice(6, -2)} took`).map((one) => ({ ...one, unit: 's' })),
    named(rows.map(versionsOf), (name) => `The version of ${name.slice(8)} that measured`),
    named(rows.map(machineOf), () => 'A fact about the machine that measured'),
  ].flat();
  return {
    name: 'measurements',
    description: 'One row for each measurement, or for each of its workloads, whatever became of it',
    columns: [
      ...withInvalid(left, { study, invalid }),
      ...varied,
      ...padded(metricColumns(rows, taken), invalid.length),
      ...configuration,
      ...padded(right, invalid.length),
    ],
  };
}

/** A stale row shows the settings that were measured, which differ from the planned ones. */
export const settingsOf = (row: Row): Settings => (row.state === 'stale' ? row.stored!.record : row);

type Settings = Pick<Row, 'varied' | 'configuration'>;

function settingColumns(settings: readonly Settings[]): { varied: Column[]; configuration: Column[] } {
  return {
    varied: named(
      settings.map(({ varied }) => Object.entries(varied).map(([axis, value]) => [`varied.${axis}`, value])),
      (name) => `The value of the axis \`${name.slice('varied.'.length)}\``,
    ),
    configuration: named(
      settings.map(({ configuration }) => [...flatten(configuration, 'configuration')]),
      (name) => `The setting \`${name.slice('configuration.'.length)}\``,
    ),
  };
}

type Named = readonly (readonly [name: string, value: Json | undefined])[];

/** A column for each name that some row has, in the order in which they appear; names in `taken` are left out. */
function named(
  rows: readonly Named[],
  describe: (name: string) => string,
  taken: ReadonlySet<string> = new Set(),
): Column[] {
  const cells = new Map<string, Cell[]>();
  for (const [index, row] of rows.entries())
    for (const [name, value] of row) {
      if (taken.has(name)) continue;
      if (!cells.has(name)) cells.set(name, Array.from<Cell>({ length: rows.length }));
      cells.get(name)![index] = value;
    }
  return [...cells].map(([name, values]) => ({
    name,
    type: typeOf(values),
    unit: '',
    description: describe(name),
    cells: values,
  }));
}

function metricColumns(rows: readonly Row[], taken: ReadonlySet<string>): Column[] {
  const columnOf = metricNames(rows, taken);
  const columns = new Map<string, Column>();
  const add = (definition: Omit<Column, 'cells'>, index: number, cell: Cell) => {
    const { name } = definition;
    if (!columns.has(name)) columns.set(name, { ...definition, cells: Array.from<Cell>({ length: rows.length }) });
    columns.get(name)!.cells[index] = cell;
  };
  for (const [index, { metrics }] of rows.entries())
    for (const { name: metric, value, unit, description, reason, posterior, prior, mcse } of metrics) {
      const name = columnOf(metric);
      add({ name, type: 'number', unit, description }, index, value ?? undefined);
      for (const { end, meaning, value: found } of [
        ...(posterior ? besideOf(OF_POSTERIOR, name, posterior) : []),
        ...(prior ? besideOf(OF_DRAWS, name, prior) : []),
        ...(mcse === undefined ? [] : besideOf({ _mcse: MONTE_CARLO }, name, { mcse })),
      ])
        add({ name: `${name}${end}`, type: 'number', unit, description: meaning }, index, found ?? undefined);
      if (value !== null) continue;
      const why = `Why \`${name}\` has no value`;
      add({ name: `${name}${REASON}`, type: 'text', unit: '', description: why }, index, reason ?? undefined);
    }
  return [...columns.values()];
}

interface Beside<T> {
  meaning: (name: string, of: T) => string;
  of: (of: T) => number | null;
}

/** Columns beside that of a metric that is the median of draws from a prior. */
const OF_DRAWS: Readonly<Record<'_low' | '_high', Beside<MetricPrior>>> = {
  _low: {
    meaning: (name, { mass }) => `The lower end of the middle ${100 * mass} % of the draws of \`${name}\``,
    of: ({ low }) => low,
  },
  _high: {
    meaning: (name, { mass }) => `The upper end of the middle ${100 * mass} % of the draws of \`${name}\``,
    of: ({ high }) => high,
  },
};

const MONTE_CARLO: Beside<{ mcse: number | null }> = {
  meaning: (name) => `The Monte Carlo standard error of \`${name}\``,
  of: ({ mcse }) => mcse,
};

/** The same of one that is the mean of a posterior. */
const OF_POSTERIOR: Readonly<Record<PosteriorEnd, Beside<MetricPosterior>>> = {
  _sd: { meaning: (name) => `The posterior standard deviation of \`${name}\``, of: ({ sd }) => sd },
  ...OF_DRAWS,
  _mcse: MONTE_CARLO,
};

const besideOf = <T>(columns: Readonly<Record<string, Beside<T>>>, name: string, of: T) =>
  Object.entries(columns).map(([end, one]) => ({ end, meaning: one.meaning(name, of), value: one.of(of) }));

const padded = (columns: readonly Column[], count: number): Column[] =>
  columns.map((column) => ({ ...column, cells: [...column.cells, ...Array.from<Cell>({ length: count })] }));

/** Adds the rows of invalid configurations. */
function withInvalid(columns: readonly Column[], { study, invalid }: Pick<Results, 'study' | 'invalid'>): Column[] {
  const rows = invalid.map(({ worker, reason }): Record<string, Cell> => ({
    study,
    worker,
    state: INVALID,
    failure_type: INVALID,
    failure_message: reason,
  }));
  return columns.map((column) => ({ ...column, cells: [...column.cells, ...rows.map((row) => row[column.name])] }));
}
