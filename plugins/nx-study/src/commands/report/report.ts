import { reportTexts as texts } from './texts.ts';
import { notesOf } from './notes.ts';
import type { Note } from './notes.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results, Row } from '../../state/rows.ts';
import { measurementColumns } from './columns.ts';
import type { Shape } from './columns.ts';
import type { Column } from './column.ts';
import { experimentColumns, experimentRemark, isRepeated } from './experiments.ts';
import { answerFor } from '../../page/kinds.ts';
import { comparisonsOf } from '../../comparisons/compare.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { countsOf } from '../../base/group-by.ts';
import { plain, plural } from '../../base/layout.ts';
import type { Paint } from '../../base/layout.ts';

export interface ReportInput {
  results: Results;
  workspaceRoot: string;
  /** Names of columns of the table of measurements to show; null for the main ones. */
  chosen: readonly string[] | null;
  paint: Paint;
}

/** A report, before it is laid out. */
export interface Report {
  title: string;
  /** Such as `3 measurements: 2 measured (1 PASS, 1 FAIL), 1 failed`; null before anything is measured. */
  summary: string | null;
  /** Sentences. */
  answer: string[];
  tables: ReportTable[];
  notes: Note[];
  /** By the main metrics, whatever columns are chosen for the screen. */
  comparisons: Comparisons;
}

export interface ReportTable {
  /** The first column has names. */
  columnsFor: (shape: Shape) => Column[];
  remarks: string[];
}

// As many as a plan has unless its study raises the limit.
const SHOWN_ROWS = 1000;

/**
 * A study's results for a person: what they say in sentences, a table of experiments where some were measured more than
 * once, a table of measurements, and all that weakens them.
 * @throws Error for a chosen column that the results don't have, with the nearest name.
 */
export function reportOf({ results, workspaceRoot, chosen, paint }: ReportInput): Report {
  const { study, description, rows } = results;
  const comparisons = comparisonsOf(results);
  const title = plain(description === null ? study : `${study}: ${description}`);
  if (rows.every(({ stored, damage }) => stored === null && damage === null)) {
    const before = { ...results, rows: rows.filter((row) => row.earlier.failure !== null) };
    const answer = [texts.nothing(study, rows.length)];
    return { title, summary: null, answer, tables: [], notes: notesOf(before, workspaceRoot, paint), comparisons };
  }
  return {
    title,
    summary: summary(rows),
    answer: answerFor({ results, comparisons }),
    tables: tablesOf(results, chosen === null ? comparisons : comparisonsOf(results, chosen), { chosen, paint }),
    notes: notesOf(results, workspaceRoot, paint),
    comparisons,
  };
}

const tablesOf = (
  results: Results,
  comparisons: Comparisons,
  look: Pick<ReportInput, 'chosen' | 'paint'>,
): ReportTable[] => [
  ...(isRepeated(comparisons) ? [experimentTable(comparisons)] : []),
  measurementTable(results, comparisons, look),
];

function experimentTable(comparisons: Comparisons): ReportTable {
  const all = comparisons.alternatives.length;
  const shown = {
    ...comparisons,
    alternatives: comparisons.alternatives.slice(0, SHOWN_ROWS),
    metrics: comparisons.metrics.map((one) => ({ ...one, entries: one.entries.slice(0, SHOWN_ROWS) })),
  };
  return {
    columnsFor: ({ nameWidth }) => experimentColumns(shown, nameWidth),
    remarks: [
      ...experimentRemark(comparisons),
      ...(all > SHOWN_ROWS ? [texts.experimentsLeftOut(SHOWN_ROWS, all)] : []),
    ],
  };
}

function measurementTable(
  results: Results,
  comparisons: Comparisons,
  { chosen, paint }: Pick<ReportInput, 'chosen' | 'paint'>,
): ReportTable {
  const shown = results.rows.slice(0, SHOWN_ROWS);
  const remarks = [
    ...(shown.some(({ baseline }) => baseline) && !isRepeated(comparisons) ? [texts.baseline] : []),
    ...posteriorRemark(shown),
    ...(shown.length < results.rows.length ? [texts.rowsLeftOut(shown.length, results.rows.length)] : []),
  ];
  const columnsFor = measurementColumns({ results, rows: shown, comparisons, chosen, paint });
  return { columnsFor, remarks };
}

/** How to read the intervals of posteriors and priors, where the table has some. */
function posteriorRemark(rows: readonly Row[]): string[] {
  const masses = rows.flatMap(({ metrics }) =>
    metrics.flatMap(({ main, posterior }) => (main && posterior ? [posterior.mass] : [])),
  );
  const ofPriors = rows.flatMap(({ metrics }) =>
    metrics.flatMap(({ main, prior }) => (main && prior ? [prior.mass] : [])),
  );
  return [
    ...[...new Set(masses)].map((mass) => texts.posterior(100 * mass)),
    ...[...new Set(ofPriors)].map((mass) => texts.prior(100 * mass)),
  ];
}

function summary(rows: readonly Row[]): string {
  const measurements = measurementsOf(rows);
  const states = countsOf(measurements.map(({ state }) => state));
  const parts = [...states].map(([state, number]) => {
    const verdicts = countsOf(
      rows.flatMap((row) => (row.state === state && row.verdict !== null ? [row.verdict] : [])),
    );
    const details = [...verdicts].map(([verdict, of]) => `${of} ${verdict}`).join(', ');
    return `${number} ${state}${details && ` (${details})`}`;
  });
  return `${plural(measurements.length, 'measurement')}: ${parts.join(', ')}`;
}
