import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { intervalWords } from '../analysis/texts.ts';
import { columnOf, filled } from '../tables/column.ts';
import type { Cell, ColumnOf, Table } from '../tables/column.ts';
import type { Comparisons, Entry } from './compare.ts';
import type { ComparedMetric } from './metrics.ts';
import { comparisonTexts as texts } from './texts.ts';

interface Line {
  study: string;
  metric: ComparedMetric;
  entry: Entry;
}

const column = columnOf<Line>;

/** A value that is there, of one that may be absent as a whole. */
function from<T>(value: T | Absent, pick: (value: T) => Cell | Absent): Cell {
  if (isAbsent(value)) return undefined;
  const picked = pick(value);
  return isAbsent(picked) ? undefined : picked;
}

const against = ({ entry }: Line) => entry.against;
const summary = ({ entry }: Line) => entry.summary;

const columns: readonly ColumnOf<Line>[] = [
  column('study', 'text', 'The study', ({ study }) => study),
  column('metric', 'text', 'The name of the metric', ({ metric }) => metric.name),
  column('unit', 'text', 'Its unit', ({ metric }) => metric.unit || undefined),
  column('scale', 'text', '`ratio` or `difference`: how it is compared', ({ metric }) => metric.scale),
  column('alternative', 'text', 'What is compared, for people', ({ entry }) => entry.alternative.name),
  column('experiment', 'text', 'The id of the configuration', ({ entry }) => entry.alternative.experiment),
  column(
    'workload',
    'text',
    'The workload, where there are several',
    ({ entry }) => entry.alternative.workload ?? undefined,
  ),
  column('host', 'text', 'The machine, where there are several', ({ entry }) => entry.alternative.host ?? undefined),
  column('repetitions', 'integer', 'Repetitions with a value', (line) => from(summary(line), ({ n }) => n)),
  column('mean', 'number', 'Their arithmetic mean', (line) => from(summary(line), ({ mean }) => mean)),
  column('median', 'number', 'Their median', (line) => from(summary(line), ({ median }) => median)),
  column('sd', 'number', 'Their standard deviation (n − 1)', (line) => from(summary(line), ({ sd }) => sd)),
  column('min', 'number', 'The lowest', (line) => from(summary(line), ({ min }) => min)),
  column('max', 'number', 'The highest', (line) => from(summary(line), ({ max }) => max)),
  column('center', 'number', 'The centre of the interval: the geometric mean for ratios, else the mean', (line) =>
    from(summary(line), ({ center }) => center),
  ),
  column('low', 'number', 'The lower end of the 95 % interval', (line) =>
    from(summary(line), ({ interval }) => (isAbsent(interval) ? interval : interval.low)),
  ),
  column('high', 'number', 'Its upper end', (line) =>
    from(summary(line), ({ interval }) => (isAbsent(interval) ? interval : interval.high)),
  ),
  column('interval', 'text', 'The kind of interval, or why there is none', (line) => intervalText(line, summary)),
  column('outliers', 'integer', 'Values that stand out; they count as any other', ({ entry }) =>
    from(entry.outliers, (found) => found.length),
  ),
  column('baseline', 'text', 'What it is compared with', ({ entry }) => from(entry.baseline, ({ name }) => name)),
  column('estimate', 'number', 'Against the baseline: the ratio, or the difference in the unit', (line) =>
    from(against(line), ({ estimate }) => estimate),
  ),
  column('estimate_low', 'number', 'The lower end of its 95 % interval', (line) =>
    from(against(line), ({ interval }) => (isAbsent(interval) ? interval : interval.low)),
  ),
  column('estimate_high', 'number', 'Its upper end', (line) =>
    from(against(line), ({ interval }) => (isAbsent(interval) ? interval : interval.high)),
  ),
  column('estimate_interval', 'text', 'The kind of that interval, or why there is none', (line) =>
    intervalText(line, against),
  ),
  column('pairs', 'integer', 'Pairs of repetitions that were compared', (line) =>
    from(against(line), ({ n }) => n.pairs ?? undefined),
  ),
  column('p', 'number', 'Two-sided p of the t test that belongs to the interval', (line) =>
    from(against(line), ({ p }) => p),
  ),
  column('p_holm', 'number', 'The same after Holm’s correction for all comparisons of the table', (line) =>
    from(against(line), ({ p_adjusted }) => p_adjusted ?? undefined),
  ),
  column('conclusion', 'text', 'The word that this allows', (line) =>
    from(against(line), ({ conclusion }) => conclusion),
  ),
  column(
    'repetitions_needed',
    'integer',
    'Repetitions that would tell the difference apart in 80 % of studies',
    (line) => from(against(line), ({ needed }) => needed),
  ),
  column('relevant', 'number', 'The smallest difference that the study calls relevant', (line) =>
    from(against(line), ({ relevant }) => relevant ?? undefined),
  ),
  column('not_compared', 'text', 'Why it is not compared', ({ entry }) =>
    isAbsent(entry.against) ? entry.against.reason : undefined,
  ),
];

function intervalText(line: Line, which: (line: Line) => Entry['summary'] | Entry['against']): Cell {
  const of = which(line);
  if (isAbsent(of)) return of.reason;
  const { interval } = of;
  if (isAbsent(interval)) return interval.reason;
  const words = intervalWords[interval.kind];
  return line.metric.ofDraws ? texts.ofDraws(words) : words;
}

/** One row for each alternative and metric, with its summary and its comparison with the baseline. */
export function comparisonsTable(study: string, { metrics }: Comparisons): Table {
  const lines = metrics.flatMap(({ metric, entries }) => entries.map((entry): Line => ({ study, metric, entry })));
  return {
    name: 'comparisons',
    description: 'One row for each experiment and metric: its repetitions, and how it compares with the baseline',
    columns: filled(columns, lines),
  };
}
