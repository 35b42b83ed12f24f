import { evenParts } from './chunks.ts';
import type { Cell, Column, Row } from './data-table.ts';
import { figureOf, keyOfGroups, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { drawIntervals, type IntervalRow, type IntervalSeries } from './intervals-panel.ts';
import { numberText } from './numbers.ts';
import { groupsOf, signsOf, type Group } from './signs.ts';
import { isDrawn, reasonNotDrawn, type ScaleKind } from './axis.ts';
import { NO_INTERVAL, notDrawn } from './texts.ts';

export type { IntervalRow, IntervalSeries };

export interface IntervalsOptions extends Caption {
  series: readonly IntervalSeries[];
  groups?: readonly Group[] | undefined;
  /** Rows of one panel; 34 by default. */
  rowsPerPanel?: number | undefined;
}

/**
 * Estimates with intervals, one line each. The axis of a series ends 1.25 times as wide as its points (estimates, single
 * values and the reference; for a row without single values its interval, too); an interval that goes on has an arrowhead.
 */
export function intervals({ series, groups, rowsPerPanel = 34, ...caption }: IntervalsOptions): Safe {
  const all = groupsOf(
    groups,
    series.flatMap(({ rows }) => rows.flatMap(({ group }) => group ?? [])),
  );
  const signs = signsOf(all);
  const shown = shownOf(series);
  const panels = series.flatMap((one) => panelsOf(one, { caption, signs, rowsPerPanel }));
  return figureOf({
    ...caption,
    panels,
    key: [...keyOfGroups(all, signs), ...keyOfRows(series)],
    columns: columnsOf(series),
    rows: series.flatMap(({ title, rows }) => rows.map((row) => tableRow(row, { title, shown }))),
    subject: series.map(({ title }) => title).join(', ') || caption.title,
  });
}

interface PanelOptions {
  caption: Caption;
  signs: Parameters<typeof drawIntervals>[0]['signs'];
  rowsPerPanel: number;
}

function panelsOf(series: IntervalSeries, { caption, signs, rowsPerPanel }: PanelOptions): Panel[] {
  const { title, detail, rows, scale } = series;
  const drawn = rows.filter((row) => hasMarks(row, scale));
  if (drawn.length === 0) return [{ title, detail, svg: null }];
  const parts = evenParts(rows, rowsPerPanel);
  const left = rows
    .filter((row) => !isDrawn(row.estimate, scale))
    .map(({ name, estimate, reason }) => ({
      name,
      reason: (estimate === null && reason) || reasonNotDrawn(estimate, scale)!,
    }));
  return parts.map((part, index) => ({
    title: parts.length === 1 ? title : `${title}, ${index + 1} of ${parts.length}`,
    detail,
    svg: drawIntervals({ caption, series, rows: part, signs }),
    notes: index === 0 ? notDrawn(left) : [],
  }));
}

const hasMarks = ({ estimate, points = [] }: IntervalRow, scale?: ScaleKind) =>
  isDrawn(estimate, scale) || points.some((point) => isDrawn(point, scale));

function keyOfRows(series: readonly IntervalSeries[]): KeyEntry[] {
  const rows = series.flatMap((one) => one.rows);
  const ring = { name: 'one repetition', sign: keySign(html`<circle class="raw" cx="8" cy="6" r="3" />`) };
  const flag = { name: 'flagged: see the table', sign: keySign(html`<path class="flag" d="M8 1L14 11H2Z" />`) };
  return [
    ...(rows.some(({ points = [] }) => points.length > 0) ? [ring] : []),
    ...(rows.some(({ flags = [] }) => flags.length > 0) ? [flag] : []),
  ];
}

/** The columns that some table needs, and others don't. */
interface Shown {
  quantity: boolean;
  points: boolean;
  flags: boolean;
}

function shownOf(series: readonly IntervalSeries[]): Shown {
  const rows = series.flatMap((one) => one.rows);
  return {
    quantity: series.length > 1,
    points: rows.some(({ points = [] }) => points.length > 0),
    flags: rows.some(({ flags = [] }) => flags.length > 0),
  };
}

function columnsOf(series: readonly IntervalSeries[]): Column[] {
  const { quantity, points, flags } = shownOf(series);
  return [
    { name: 'name' },
    ...(quantity ? [{ name: 'quantity', text: true }] : []),
    ...['estimate', 'low', 'high', 'n'].map((name) => ({ name })),
    ...(points ? [{ name: 'single values', text: true }] : []),
    ...(flags ? [{ name: 'flags', text: true }] : []),
  ];
}

function tableRow(
  { name, estimate, low, high, ...row }: IntervalRow,
  { title, shown }: { title: string; shown: Shown },
): Row {
  const end = (value: number | null): Cell => ({
    value,
    ...(value === null && { shown: NO_INTERVAL, reason: row.reason }),
  });
  const cells = [
    name,
    ...(shown.quantity ? [title] : []),
    { value: estimate, reason: row.reason },
    end(low),
    end(high),
    row.n ?? null,
    ...(shown.points ? [(row.points ?? []).map((value) => numberText(value)).join(', ')] : []),
    ...(shown.flags ? [(row.flags ?? []).join(', ')] : []),
  ];
  return { cells };
}
