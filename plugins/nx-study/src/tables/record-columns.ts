import { limitText } from '../kinds/gates.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { TELEMETRY_FILE } from '../record/telemetry.ts';
import type { Row } from '../state/rows.ts';
import type { Cell, ColumnDefinition, ColumnType } from './column.ts';

/** A column that every table of measurements has. */
export interface RecordColumn extends ColumnDefinition {
  of: (row: Row, study: string) => Cell;
}

const column = (
  [name, type, unit = '']: readonly [name: string, type: ColumnType, unit?: string],
  description: string,
  of: RecordColumn['of'],
): RecordColumn => ({ name, type, unit, description, of });

/** A column that is empty where there is no record. */
const recorded = (
  head: Parameters<typeof column>[0],
  description: string,
  of: (record: MeasurementRecord) => Cell,
): RecordColumn => column(head, description, ({ stored }) => (stored === null ? undefined : of(stored.record)));

const identity: RecordColumn[] = [
  column(['study', 'text'], 'The study', (_row, study) => study),
  column(['id', 'text'], 'The measurement; the rows of its workloads share it', ({ id }) => id),
  column(['experiment', 'text'], 'The id of the configuration, which its repetitions share', (row) => row.experiment),
  column(['label', 'text'], 'The name of the configuration, for people', ({ label }) => label),
  column(['worker', 'text'], 'The worker that measures', ({ worker }) => worker),
  recorded(['kind', 'text'], 'The kind of the result, which defines the metrics', ({ kind }) => kind),
  column(['repetition', 'integer'], 'The number of the repetition, from 1', ({ repetition }) => repetition),
  column(['seed', 'integer'], 'The seed that the worker was given', ({ seed }) => seed),
  recorded(['take', 'integer'], 'From 1; `remeasure` raises it', ({ take }) => take),
  column(['baseline', 'boolean'], 'Whether the study names it as its baseline', ({ baseline }) => baseline),
];

const outcome: RecordColumn[] = [
  column(
    ['state', 'text'],
    'Where the measurement stands; `invalid` for a configuration that its worker refuses',
    ({ state }) => state,
  ),
  recorded(['outcome', 'text'], 'The outcome of the attempt that is shown', (record) => record.outcome),
  column(['attempts', 'integer'], 'How often it was started here', ({ attempts }) => attempts),
  column(['failure_type', 'text'], 'The type of the failure', ({ failure }) => failure?.type),
  column(['failure_phase', 'text'], 'The phase in which it failed', ({ failure }) => failure?.phase),
  column(['failure_message', 'text'], 'The failure in words', ({ failure }) => failure?.message),
  column(
    ['verdict', 'text'],
    'PASS where all gates are met, FAIL where one failed, else UNDECIDED: the measurement allows neither',
    ({ verdict }) => verdict,
  ),
  column(['gates', 'text'], 'Each gate with its threshold and its verdict', gatesText),
  column(['relaxed', 'text'], 'Gates that the study relaxed, with their defaults', relaxedText),
  column(['findings', 'text'], 'All that weakens the numbers, each with its code', ({ findings }) =>
    findings.map(({ code, message }) => `${code}: ${message}`).join('; '),
  ),
];

const circumstances: RecordColumn[] = [
  recorded(['started_at', 'time'], 'When the attempt started', (record) => record.started_at),
  recorded(['elapsed_s', 'number', 's'], 'How long it took, while the machine was awake', (one) => one.elapsed_s),
  recorded(['cool_down_s', 'number', 's'], 'The gap before its start', (record) => record.cool_down.waited_s),
  recorded(
    ['others_cpu_cores', 'number', 'cores'],
    'Cores that other processes used meanwhile, on average',
    ({ watch }) => watch?.others_cpu_cores?.mean,
  ),
  recorded(
    ['steal_cores', 'number', 'cores'],
    'Cores that the hypervisor gave to others meanwhile, on average',
    ({ watch }) => watch?.steal_cores,
  ),
  recorded(
    ['cpu_throttled_s', 'number', 's'],
    'How long the CPU was slowed down',
    ({ watch }) => watch?.cpu_throttled_s,
  ),
  recorded(
    ['gpu_throttled_s', 'number', 's'],
    'How long the GPU was slowed down',
    ({ watch }) => watch?.gpu_throttled_s,
  ),
  recorded(
    ['telemetry_samples', 'integer'],
    `Samples of power, clocks, temperatures and memory in ${TELEMETRY_FILE}; empty where there is no such file`,
    ({ telemetry }) => (telemetry?.file ? telemetry.samples : undefined),
  ),
];

const provenance: RecordColumn[] = [
  recorded(['digest', 'text'], 'The SHA-256 of all that can change the outcome', ({ digest }) => digest),
  recorded(['git_commit', 'text'], 'The commit of the workspace', ({ git }) => git.commit),
  recorded(['git_dirty', 'boolean'], 'Whether files differed from that commit', ({ git }) => git.dirty),
  recorded(['host', 'text'], 'The machine that measured', ({ supervisor }) => supervisor.host),
  recorded(
    ['machine', 'text'],
    'What tells machines of the same name apart; empty where their system keeps nothing for that',
    ({ supervisor }) => supervisor.machine,
  ),
  recorded(['cpu', 'text'], 'Its processor', ({ machine }) => machine['cpu']),
  recorded(['cpus', 'number', 'cores'], 'The CPUs that the worker could use', ({ allowance }) => allowance.cpus),
  recorded(['reused_from', 'text'], 'Where a result with the same digest was reused from', (one) => one.reused_from),
  recorded(['accepted', 'text'], 'Why changes since the measurement were accepted', (record) =>
    record.accepted?.changes.map(({ because }) => because).join('; '),
  ),
  column(['earlier_takes', 'integer'], 'How many other takes are kept', ({ earlier }) => earlier.takes),
];

/** From left to right. */
export const recordColumns: readonly RecordColumn[] = [...identity, ...outcome, ...circumstances, ...provenance];

function gatesText({ gates }: Row): string {
  return gates.map((gate) => `${limitText(gate)} ${gate.verdict}`).join('; ');
}

function relaxedText({ gates }: Row): string {
  return gates
    .flatMap(({ relaxed, name, default_threshold }) => (relaxed ? [`${name} (default ${default_threshold})`] : []))
    .join('; ');
}
