import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Json, JsonObject } from '../../base/json.ts';
import { comparison } from '../../kinds/gates.ts';
import type { SkippedExperiment } from '../../plan/types.ts';
import { writeDurably } from '../../record/durable.ts';
import { studyRoot } from '../../record/paths.ts';
import { INVALID } from '../../state/states.ts';
import { csvText, visibleText } from './csv-text.ts';
import type { Cell } from './csv-text.ts';
import { flatten } from './flatten.ts';
import type { Results, Row } from '../../state/rows.ts';

/** Relative to the workspace. */
export const csvFile = (study: string) => `${studyRoot(study)}/report/measurements.csv`;

/** Replaces the CSV file of a study's results; returns its path relative to the workspace. */
export async function writeCsv(workspaceRoot: string, results: Results): Promise<string> {
  const file = csvFile(results.study);
  await mkdir(dirname(join(workspaceRoot, file)), { recursive: true });
  await writeDurably(join(workspaceRoot, file), csvOf(results));
  return file;
}

type Line = Map<string, Json | undefined>;

/**
 * CSV in UTF-8: one line for every measurement of the plan (for each of its workloads, where it has several: they have
 * the same `id`) and for every configuration that it leaves out as invalid (`state` is `invalid`, without an id). Metrics are in the
 * units of their names; without a value they are empty, and a column `<metric>_reason` says why. An empty
 * `configuration.…` or `varied.…` is absent there; null is written `null`.
 */
export function csvOf({ study, rows, invalid }: Results): string {
  const facts = new Set([...FACTS, ...rows.flatMap((row) => row.facts.map(({ name }) => name))]);
  const metricColumn = metricColumns(rows, facts);
  const lines = [
    ...rows.map((row) => measurementLine(study, row, metricColumn)),
    ...invalid.map((one) => invalidLine(study, one)),
  ];
  const columns = {
    varied: new Set<string>(),
    metrics: new Set<string>(),
    configuration: new Set<string>(),
  };
  for (const [index, line] of lines.entries()) {
    for (const { name, value } of rows[index]?.metrics ?? []) {
      columns.metrics.add(metricColumn(name));
      if (value === null) columns.metrics.add(reasonColumn(metricColumn(name)));
    }
    for (const name of line.keys()) {
      if (name.startsWith('varied.')) columns.varied.add(name);
      if (name.startsWith('configuration.')) columns.configuration.add(name);
    }
  }
  const header = [...facts, ...columns.varied, ...columns.metrics, ...columns.configuration];
  return csvText([header, ...lines.map((line) => header.map((name) => cellOf(name, line.get(name))))]);
}

/** The column of each metric. A worker names its metrics as it likes, and no two columns may have one name. */
function metricColumns(rows: readonly Row[], facts: ReadonlySet<string>): (metric: string) => string {
  const taken = new Set(facts);
  const columns = new Map<string, string>();
  for (const { name } of rows.flatMap(({ metrics }) => metrics)) {
    if (columns.has(name)) continue;
    const shown = visibleText(name);
    let column = /^(varied|configuration|metric)\./.test(shown) ? `metric.${shown}` : shown;
    while (taken.has(column) || taken.has(reasonColumn(column))) column = `metric.${column}`;
    taken.add(column).add(reasonColumn(column));
    columns.set(name, column);
  }
  return (metric) => columns.get(metric)!;
}

const reasonColumn = (column: string) => `${column}_reason`;

const FACTS = [
  'study',
  'id',
  'experiment',
  'label',
  'worker',
  'kind',
  'repetition',
  'seed',
  'take',
  'baseline',
  'state',
  'outcome',
  'attempts',
  'failure_type',
  'failure_phase',
  'failure_message',
  'verdict',
  'gates',
  'relaxed',
  'findings',
  'started_at',
  'elapsed_s',
  'cool_down_s',
  'others_cpu_cores',
  'steal_cores',
  'cpu_throttled_s',
  'gpu_throttled_s',
  'digest',
  'git_commit',
  'git_dirty',
  'host',
  'cpu',
  'cpus',
  'reused_from',
  'accepted',
  'earlier_takes',
];

function measurementLine(study: string, row: Row, metricColumn: (name: string) => string): Line {
  const { stored, failure, gates } = row;
  const record = stored?.record;
  const line: Line = new Map<string, Json | undefined>([
    ['study', study],
    ['id', row.id],
    ['experiment', row.experiment],
    ['label', row.label],
    ['worker', row.worker],
    ['kind', record?.kind],
    ['repetition', row.repetition],
    ['seed', row.seed],
    ['take', record?.take],
    ['baseline', row.baseline],
    ['state', row.state],
    ['outcome', record?.outcome],
    ['attempts', row.attempts],
    ['failure_type', failure?.type],
    ['failure_phase', failure?.phase],
    ['failure_message', failure?.message],
    ['verdict', row.verdict],
    [
      'gates',
      gates
        .map(({ name, passes, threshold, verdict }) => `${name} ${comparison(passes)} ${threshold} ${verdict}`)
        .join('; '),
    ],
    [
      'relaxed',
      gates.flatMap((gate) => (gate.relaxed ? [`${gate.name} (default ${gate.default_threshold})`] : [])).join('; '),
    ],
    ['findings', row.findings.map(({ code, message }) => `${code}: ${message}`).join('; ')],
    ['started_at', record?.started_at],
    ['elapsed_s', record?.elapsed_s],
    ['cool_down_s', record?.cool_down.waited_s],
    ['others_cpu_cores', record?.watch?.others_cpu_cores?.mean],
    ['steal_cores', record?.watch?.steal_cores],
    ['cpu_throttled_s', record?.watch?.cpu_throttled_s],
    ['gpu_throttled_s', record?.watch?.gpu_throttled_s],
    ['digest', record?.digest],
    ['git_commit', record?.git.commit],
    ['git_dirty', record?.git.dirty],
    ['host', record?.supervisor.host],
    ['cpu', record?.machine.cpu],
    ['cpus', record?.allowance.cpus],
    ['reused_from', record?.reused_from],
    ['accepted', record?.accepted?.changes.map(({ because }) => because).join('; ')],
    ['earlier_takes', row.earlier.takes],
  ]);
  // A stale row shows the settings that were measured, which differ from the planned ones.
  const { varied, configuration } = row.state === 'stale' ? stored!.record : row;
  addSettings(line, varied, configuration);
  for (const { name, value } of row.facts) line.set(name, value);
  for (const { name, value, reason } of row.metrics) {
    line.set(metricColumn(name), value);
    if (value === null) line.set(reasonColumn(metricColumn(name)), reason);
  }
  return line;
}

function invalidLine(study: string, { worker, varied, written, reason }: SkippedExperiment): Line {
  const line: Line = new Map(
    Object.entries({ study, worker, state: INVALID, failure_type: INVALID, failure_message: reason }),
  );
  addSettings(line, varied, written);
  return line;
}

function addSettings(line: Line, varied: JsonObject, configuration: JsonObject): void {
  for (const [axis, value] of Object.entries(varied)) line.set(`varied.${axis}`, value);
  for (const [path, value] of flatten(configuration, 'configuration')) line.set(path, value);
}

const cellOf = (column: string, value: Json | undefined): Cell =>
  value === null && !/^(varied|configuration)\./.test(column) ? undefined : value;
