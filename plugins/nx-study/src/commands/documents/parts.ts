import { listed, plain } from '../../base/layout.ts';
import { markdownTable, markdownText } from '../../base/text-table.ts';
import { visible } from '../../base/visible.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { answerFor } from '../../page/kinds.ts';
import { weaknessesOf } from '../../page/weaknesses.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import type { Results, Row } from '../../state/rows.ts';
import { measurementsOf } from '../../state/rows.ts';
import { experimentColumns, experimentRemark } from '../report/experiments.ts';
import { NO_LIMIT } from '../report/table.ts';
import { documentTexts as texts } from './texts.ts';
import { nxRun } from '../../workspace/project.ts';

/** A heading of the second level with what stands below it. */
export const section = (title: string, ...blocks: readonly string[]): string => [`## ${title}`, ...blocks].join('\n\n');

/** Texts of studies and workers, so that they can't begin markup. */
export const list = (items: readonly string[]): string => items.map((item) => `- ${markdownText(item)}`).join('\n');

/** A block of code; its fence is longer than any in the text. */
export function code(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, visible(text, '\n'), fence].join('\n');
}

/** Each experiment over its repetitions and against its baseline, and how to read that. */
export const evidence = (comparisons: Comparisons): string[] => [
  markdownTable(experimentColumns(comparisons, NO_LIMIT)),
  ...experimentRemark(comparisons).map(markdownText),
];

/** What the study says, in sentences made by rules. */
export const answer = (results: Results, comparisons: Comparisons): string[] =>
  answerFor({ results, comparisons }).map(markdownText);

/** All that weakens the numbers of a study, as points. */
export function weaknesses(results: Results): string {
  const found = weaknessesOf({ results });
  if (found.length === 0) return texts.nothingWeakens;
  return found
    .map(({ title, points }) =>
      [`- ${markdownText(title)}`, ...points.map((one) => `  - ${markdownText(one)}`)].join('\n'),
    )
    .join('\n');
}

/** Where the measurements come from. */
export function provenance(rows: readonly Row[]): string[] {
  const records = recordsOf(rows);
  if (records.length === 0) return [texts.noRecords];
  const distinct = (of: (record: MeasurementRecord) => string) => [...new Set(records.map(of))].map(plain);
  const cpu = ({ machine, supervisor }: MeasurementRecord) => `${supervisor.host} (${textOf(machine['cpu'])})`;
  const version = ({ machine }: MeasurementRecord) =>
    VERSIONS.map(([key, name]) => `${name} ${textOf(machine[key])}`).join(', ');
  return [
    texts.machine(distinct(cpu)),
    texts.versions(distinct(version)),
    texts.commit(distinct(commitOf)),
    texts.days(distinct(({ started_at }) => started_at.slice(0, 10)).toSorted()),
    texts.digests(
      listed(
        records.map(({ id, digest }) => `${id} ${digest}`),
        SHOWN,
      ),
    ),
  ];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : texts.unknown);

const VERSIONS = [
  ['nx_study', 'nx-study'],
  ['nx', 'Nx'],
  ['node', 'Node'],
] as const;

const SHOWN = 50;

/** The commands that measure the same again. */
export function reproduction(study: string, rows: readonly Row[], report: boolean): string {
  const commits = [...new Set(recordsOf(rows).map(({ git }) => git.commit))];
  const [commit] = commits;
  const checkout = commits.length === 1 && /^[0-9a-f]{7,}$/.test(commit ?? '') ? [`git checkout ${commit}`] : [];
  return code(
    'sh',
    [...checkout, `npx ${nxRun(study, 'measure')}`, ...(report ? [`npx ${nxRun(study, 'report')}`] : [])].join('\n'),
  );
}

/** Numbers of other settings, data or code are no evidence. */
const recordsOf = (rows: readonly Row[]): MeasurementRecord[] =>
  measurementsOf(rows).flatMap(({ stored, state }) => (stored !== null && state === 'measured' ? [stored.record] : []));

const commitOf = ({ git }: MeasurementRecord): string =>
  git.commit === null ? (git.reason ?? texts.unknown) : `${git.commit}${git.dirty === true ? ` ${texts.dirty}` : ''}`;
