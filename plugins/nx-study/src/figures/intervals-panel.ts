import { extent, max, min } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import { axisOf, isDrawn, type Axis, type ScaleKind } from './axis.ts';
import type { Caption } from './figure.ts';
import { html, type Safe } from './html.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing, heightOf, referenceUp, ticksBelow } from './plot.ts';
import { mark, type Sign } from './signs.ts';
import { LINE, SMALL_FONT, WIDTH, widthOf, wrapped } from './text-size.ts';
import { NO_INTERVAL, NO_VALUE } from './texts.ts';

/** One estimate with its interval and the single values that it is made from. */
export interface IntervalRow {
  /** Stands above its line; may be long. */
  name: string;
  estimate: number | null;
  /** The ends of the interval; null without one. */
  low: number | null;
  high: number | null;
  /** Single repetitions, drawn as rings. */
  points?: readonly number[] | undefined;
  n?: number | null | undefined;
  /** Why there is no estimate or no interval. */
  reason?: string | undefined;
  /** Names of what weakens it; a triangle stands before its name. */
  flags?: readonly string[] | undefined;
  group?: string | undefined;
}

/** Rows that share one scale: one metric, for example. */
export interface IntervalSeries {
  title: string;
  /** The unit, and which side is better. */
  detail?: string | undefined;
  rows: readonly IntervalRow[];
  scale?: ScaleKind | undefined;
  /** Where nothing differs: 0 for differences, 1 for ratios, or the baseline's value. */
  reference?: number | undefined;
}

export interface IntervalsDrawing {
  caption: Caption;
  /** Decides the axis. */
  series: IntervalSeries;
  /** The rows of this panel. */
  rows: readonly IntervalRow[];
  signs: ReadonlyMap<string, Sign>;
}

/** With more rows than this, and names that are short, the names stand before their lines. */
const DENSE = 12;
const SHORT_NAME = 110;
const EDGE = 12;
/** Rows with words for the pointer; with more, they would be a third of the page, and the table has all of it. */
const MOST_HINTS = 300;
const NEUTRAL: Sign = { tone: 1, shape: 0 };

/** One panel of `intervals`. */
export function drawIntervals({ caption, series, rows, signs }: IntervalsDrawing): Safe {
  const widest = max(series.rows, ({ name, flags = [] }) => widthOf(name) + (flags.length > 0 ? 14 : 0)) ?? 0;
  const beside = series.rows.length > DENSE && widest <= SHORT_NAME;
  const left = beside ? Math.ceil(widest) + 8 : 0;
  const axis = axisOf({
    values: windowOf(series),
    scale: series.scale,
    range: [left + EDGE, WIDTH - EDGE],
    nice: false,
  });
  const hintOf = (row: IntervalRow, isNamed: boolean) => {
    if (series.rows.length > MOST_HINTS) return undefined;
    return isNamed ? intervalHint(row) : wholeHint(row);
  };
  let top = 4;
  const placed = rows.map((row) => {
    const words = beside ? null : wordsOf(row);
    const y = top + (words === null ? LINE / 2 : words.lines.length * LINE + 4);
    const one = { row, words, y, top };
    top = words === null ? top + LINE : y + 11;
    return one;
  });
  const sign = ({ group }: IntervalRow) => (group === undefined ? NEUTRAL : signs.get(group)!);
  const body = html`${ticksBelow(axis, top + 2, 2)}${
    isDrawn(series.reference, series.scale) ? referenceUp(axis.at(series.reference), 2, top + 2) : null
  }${placed.map(
    ({ row, words, y, top: begin }) =>
      html`${words === null ? nameBefore(row, left, y) : nameAbove(row, words, begin)}${marksOf(row, { axis, y, scale: series.scale, sign: sign(row), hint: hintOf(row, words !== null) })}`,
  )}`;
  return drawing({
    caption,
    panel: series.title,
    summary: summaryOf(rows, series),
    height: heightOf({ bottom: top + 2 }) - LINE,
    body,
  });
}

/** All points, 1.25 times as wide, but not wider than the intervals reach. */
function windowOf({ rows, scale, reference }: IntervalSeries): [number, number] {
  const can = (values: readonly (number | null | undefined)[]) => values.filter((value) => isDrawn(value, scale));
  const points = rows.flatMap(({ estimate, low, high, points = [] }) =>
    can([estimate, ...points, ...(points.length > 0 ? [] : [low, high])]),
  );
  const [first, last] = extent([...points, ...can([reference])]) as [number, number];
  const [lowest, highest] = extent([first, last, ...rows.flatMap(({ low, high }) => can([low, high]))]) as [
    number,
    number,
  ];
  if (first === last) return [lowest, highest];
  const scaleOfPoints = scale === 'log' ? scaleLog([first, last], [0, 1]) : scaleLinear([first, last], [0, 1]);
  return [max([lowest, scaleOfPoints.invert(-0.125)])!, min([highest, scaleOfPoints.invert(1.125)])!];
}

interface Words {
  lines: string[];
  value: string;
}

function wordsOf({ name, estimate, low, high, n, flags = [] }: IntervalRow): Words {
  const value = [
    estimate === null ? NO_VALUE : numberText(estimate),
    ...(n === null || n === undefined ? [] : [`n ${numberText(n)}`]),
    ...(estimate !== null && (low === null || high === null) ? [NO_INTERVAL] : []),
  ].join(' · ');
  const room = WIDTH - widthOf(value, SMALL_FONT) - 12 - (flags.length > 0 ? 14 : 0);
  return { lines: wrapped(name, room), value };
}

const nameAbove = ({ flags = [] }: IntervalRow, { lines, value }: Words, top: number): Safe =>
  html`${lines.map(
      (line, index) =>
        html`<text x="0" y="${rounded(top + (index + 1) * LINE - 3)}"
          >${index === 0 && flags.length > 0 ? html`<tspan class="flag">▲</tspan> ` : null}${line}</text
        >`,
    )}<text class="val" x="${WIDTH}" y="${rounded(top + LINE - 3)}">${value}</text>`;

const nameBefore = ({ name, flags = [] }: IntervalRow, left: number, y: number): Safe =>
  html`<text class="end" x="${left - 4}" y="${rounded(y + 4)}"
    >${flags.length > 0 ? html`<tspan class="flag">▲</tspan> ` : null}${name}</text
  >`;

interface MarksOptions {
  axis: Axis;
  y: number;
  scale?: ScaleKind | undefined;
  sign: Sign;
  hint: string | undefined;
}

function marksOf(row: IntervalRow, { axis, y, scale, sign, hint }: MarksOptions): Safe {
  const { estimate, low, high, points = [] } = row;
  const rings = points
    .filter((point) => isDrawn(point, scale))
    .map((point) => html`<circle class="raw" cx="${rounded(axis.at(point))}" cy="${rounded(y)}" r="2.6" />`);
  const whole = low !== null && high !== null && Number.isFinite(low) && Number.isFinite(high);
  const line = whole ? intervalLine({ low, high, axis, y, sign }) : null;
  const dot = isDrawn(estimate, scale)
    ? mark(sign, {
        x: axis.at(estimate),
        y,
        classes: whole ? 'mark' : 'mark bare',
        hint,
      })
    : null;
  return html`${line}${rings}${dot} `;
}

function intervalLine({
  low,
  high,
  axis,
  y,
  sign,
}: {
  low: number;
  high: number;
  axis: Axis;
  y: number;
  sign: Sign;
}): Safe {
  const at = rounded(y);
  const [from, to] = [low, high].map((value) => rounded(axis.at(value))) as [number, number];
  const [first, last] = axis.domain;
  // A little beyond is no more than a rounding of the axis.
  const heads = [
    low < first ? html`<path class="arrow c${sign.tone}" d="M${from - 8} ${at}l8 -4v8Z" />` : null,
    high > last ? html`<path class="arrow c${sign.tone}" d="M${to + 8} ${at}l-8 -4v8Z" />` : null,
  ];
  return html`<path class="iv c${sign.tone}" d="M${from} ${at}H${to}" />${heads}`;
}

/** What the words above the line don't say yet. */
const intervalHint = ({ low, high, reason, flags = [] }: IntervalRow): string =>
  [
    low === null || high === null
      ? `${NO_INTERVAL}${reason === undefined ? '' : ` (${reason})`}`
      : `${numberText(low)} to ${numberText(high)}`,
    ...flags,
  ].join('; ');

const wholeHint = (row: IntervalRow): string =>
  [
    `${row.name}: ${row.estimate === null ? NO_VALUE : numberText(row.estimate)}`,
    ...(row.n === null || row.n === undefined ? [] : [`n = ${numberText(row.n)}`]),
    intervalHint(row),
  ].join('; ');

function summaryOf(rows: readonly IntervalRow[], { scale, reference }: IntervalSeries): string {
  const drawn = rows.filter(({ estimate }) => isDrawn(estimate, scale)).sort((a, b) => a.estimate! - b.estimate!);
  if (drawn.length === 0) return 'Single values only.';
  const says = ({ name, estimate }: IntervalRow) => `${name} (${numberText(estimate!)})`;
  const about = reference === undefined ? '' : ` The reference is ${numberText(reference)}.`;
  if (drawn.length === 1) return `One estimate: ${says(drawn[0]!)}.${about}`;
  return `${drawn.length} estimates, from ${says(drawn[0]!)} to ${says(drawn.at(-1)!)}.${about}`;
}
