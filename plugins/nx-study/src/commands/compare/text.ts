import { groupBy } from '../../base/group-by.ts';
import { isAbsent } from '../../base/known.ts';
import { scaleOf } from '../../base/numbers.ts';
import type { Scale } from '../../base/numbers.ts';
import { wrap } from '../../base/layout.ts';
import { markdownTable, markdownText, textTable } from '../../base/text-table.ts';
import type { TextColumn } from '../../base/text-table.ts';
import { againstText, summaryText } from '../../comparisons/format.ts';
import { compareTexts as texts } from './texts.ts';
import type { VersionEntry, Versions } from './versions.ts';

interface Shape {
  title: string;
  versions: Versions;
}

/** The comparison for a terminal of so many columns. */
export function terminalText({ title, versions }: Shape, columns: number): string {
  const lines = (all: readonly string[]) => all.flatMap((line) => wrap(line, columns, '  '));
  const table = versions.entries.length > 0 ? ['', textTable(columnsOf(versions.entries)), texts.legend] : [];
  return [...lines([title, ...answerOf(versions)]), ...table, ...lines(notesOf(versions))].join('\n');
}

/** The same in GitHub's Markdown. */
export function markdownOf({ title, versions }: Shape): string {
  const table =
    versions.entries.length > 0 ? [markdownTable(columnsOf(versions.entries)), markdownText(texts.legend)] : [];
  return [
    `## ${markdownText(title)}`,
    ...answerOf(versions).map(markdownText),
    ...table,
    ...notesOf(versions).map(markdownText),
  ].join('\n\n');
}

/** The answer in sentences; what is worse comes first. */
function answerOf({ entries, differs }: Versions): string[] {
  if (entries.length === 0) return [texts.nothing];
  const worse = entries.filter(({ is_worse }) => is_worse);
  const unjudged = entries.filter(({ verdict }) => isAbsent(verdict)).length;
  return [
    ...(worse.length > 0 ? [texts.worse(worse.map(nameOf))] : []),
    ...(worse.length === 0 && unjudged < entries.length ? [texts.noneWorse(entries.length - unjudged)] : []),
    ...(unjudged > 0 ? [texts.unjudged(unjudged, entries.length)] : []),
    texts.differs(differs),
  ];
}

const nameOf = (entry: VersionEntry): string =>
  `${entry.alternative.name} ${entry.metric.label} ${differenceText(entry)} (${verdictText(entry.verdict)})`;

const notesOf = ({ entries, warnings, only }: Versions): string[] => [
  ...warnings,
  ...unjudged(entries)
    .filter(([reason]) => !warnings.some((warning) => warning.includes(reason)))
    .map(([reason, of]) => texts.unjudgedFor(of, reason)),
  ...(only.here.length > 0 ? [texts.only(texts.here, only.here)] : []),
  ...(only.base.length > 0 ? [texts.only(texts.base, only.base)] : []),
];

/** Why some comparisons have no verdict, and which. */
function unjudged(entries: readonly VersionEntry[]): [reason: string, names: string[]][] {
  const found = entries.flatMap(({ alternative, metric, verdict }) =>
    isAbsent(verdict) ? [{ name: `${alternative.name} ${metric.label}`, reason: verdict.reason }] : [],
  );
  return [...groupBy(found, ({ reason }) => reason)].map(([reason, of]) => [reason, of.map(({ name }) => name)]);
}

function columnsOf(entries: readonly VersionEntry[]): TextColumn[] {
  const { heads } = texts;
  const column = (head: string, align: TextColumn['align'], cell: (entry: VersionEntry) => string): TextColumn => ({
    head,
    unit: '',
    align,
    cells: entries.map(cell),
  });
  return [
    column(heads.experiment, 'left', ({ alternative }) => alternative.name),
    column(heads.metric, 'left', (entry) => [entry.metric.label, scaleIn(entry).unit].filter(Boolean).join(', ')),
    column(heads.base, 'right', (entry) => summaryText(entry.base, scaleIn(entry).divisor)),
    column(heads.here, 'right', (entry) => summaryText(entry.here, scaleIn(entry).divisor)),
    column(heads.against, 'right', differenceText),
    column(heads.verdict, 'left', ({ verdict }) => verdictText(verdict)),
  ];
}

/** The unit in which both sides of a comparison are shown. */
const scaleIn = ({ metric, base, here }: VersionEntry): Scale =>
  scaleOf(
    metric.unit,
    [base, here].flatMap((side) => (isAbsent(side) ? [] : [side.mean])),
  );

const differenceText = (entry: VersionEntry): string =>
  isAbsent(entry.against) ? '' : againstText(entry.against, scaleIn(entry).divisor);

function verdictText(verdict: VersionEntry['verdict']): string {
  if (isAbsent(verdict)) return '–';
  return verdict === 'not told apart' ? texts.notToldApart : verdict;
}
