import { area, line } from 'd3-shape';
import { isDrawn, type AxisWords } from './axis.ts';
import type { Caption } from './figure.ts';
import { html, type Safe } from './html.ts';
import { endLabel, endLabels, roomForLabels } from './end-labels.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing, gridOf, heightOf, plotOf, referenceAcross, referenceUp, type Plot } from './plot.ts';
import { mark, type Sign } from './signs.ts';

export interface LinePoint {
  x: number;
  y: number | null;
  /** Ends of a band around the line. */
  low?: number | null | undefined;
  high?: number | null | undefined;
  /** Such as `saturated`; the point has a ring. */
  flags?: readonly string[] | undefined;
  reason?: string | undefined;
}

export interface LineSeries {
  name: string;
  /** In the order in which they are joined. */
  points: readonly LinePoint[];
  /** Without a mark for each point: for curves of many points. */
  isPlain?: boolean | undefined;
}

export interface LinesPanel {
  title: string;
  detail?: string | undefined;
  x: AxisWords;
  y: AxisWords;
  series: readonly LineSeries[];
  /** Values with a dashed line. */
  references?: { x?: readonly number[]; y?: readonly number[] } | undefined;
}

export interface LinesDrawing {
  caption: Caption;
  panel: LinesPanel;
  signs: ReadonlyMap<string, Sign>;
}

/** One panel of `lines`. */
export function drawLines({ caption, panel, signs }: LinesDrawing): Safe {
  const drawable = panel.series
    .map((one) => ({ ...one, points: one.points.filter(({ x }) => isDrawn(x, panel.x.scale)) }))
    .filter(({ points }) => points.some(({ y }) => isDrawn(y, panel.y.scale)));
  const labels = drawable.length > 1 ? drawable.map(({ name }) => endLabel(name)) : [];
  const plot = areaOf(panel, drawable, roomForLabels(labels));
  return drawing({
    caption,
    panel: panel.title,
    summary: summaryOf(panel, drawable),
    height: heightOf(plot),
    body: html`${gridOf(plot, panel.x, panel.y)}${(panel.references?.y ?? [])
      .filter((value) => isDrawn(value, panel.y.scale))
      .map((value) => referenceAcross(plot, plot.y.at(value)))}${(panel.references?.x ?? [])
      .filter((value) => isDrawn(value, panel.x.scale))
      .map((value) => referenceUp(plot.x.at(value), plot.top, plot.bottom))}${drawable.map((one) =>
      seriesOf(one, { panel, plot, sign: signs.get(one.name)! }),
    )}${endLabels(
      labels.map((text, index) => ({ text, ...endOf(drawable[index]!, panel, plot) })),
      plot,
    )}`,
  });
}

function areaOf({ x, y, references }: LinesPanel, series: readonly LineSeries[], right: number): Plot {
  const points = series.flatMap((one) => one.points);
  const can = (values: readonly (number | null | undefined)[], { scale }: AxisWords) =>
    values.filter((value) => isDrawn(value, scale));
  return plotOf({
    x: { ...x, values: can([...points.map((point) => point.x), ...(references?.x ?? [])], x) },
    y: {
      ...y,
      values: can([...points.flatMap((point) => [point.y, point.low, point.high]), ...(references?.y ?? [])], y),
    },
    right,
  });
}

interface SeriesOptions {
  panel: LinesPanel;
  plot: Plot;
  sign: Sign;
}

function seriesOf({ name, points, isPlain = false }: LineSeries, { panel, plot, sign }: SeriesOptions): Safe {
  const { x, y } = plot;
  const hasValue = (point: LinePoint) => isDrawn(point.y, panel.y.scale);
  const path = line<LinePoint>(
    (point) => x.at(point.x),
    (point) => y.at(point.y!),
  )
    .defined(hasValue)
    .digits(1)(points);
  const hasBand = (point: LinePoint) => hasValue(point) && isDrawn(point.low) && isDrawn(point.high);
  const band = area<LinePoint>(
    (point) => x.at(point.x),
    (point) => y.at(point.low!),
    (point) => y.at(point.high!),
  )
    .defined(hasBand)
    .digits(1)(points);
  const marks = (isPlain ? [] : points.filter(hasValue)).map((point) => {
    const place = { x: x.at(point.x), y: y.at(point.y!) };
    const flagged = (point.flags ?? []).length > 0;
    const hint = [
      `${name}: ${panel.y.label} ${numberText(point.y!)} at ${numberText(point.x)}`,
      ...(point.flags ?? []),
    ].join('; ');
    const ring = flagged
      ? html`<circle class="flagged" cx="${rounded(place.x)}" cy="${rounded(place.y)}" r="6" />`
      : null;
    return html`${ring}${mark(sign, { ...place, hint })} `;
  });
  return html`${points.some(hasBand) ? html`<path class="band c${sign.tone}" d="${band}" />` : null}<path
      class="line c${sign.tone} d${sign.shape % 4}"
      d="${path}"
    />${marks}`;
}

function endOf({ points }: LineSeries, { y }: LinesPanel, plot: Plot): { x: number; y: number } {
  const last = points.findLast((point) => isDrawn(point.y, y.scale))!;
  return { x: plot.x.at(last.x), y: plot.y.at(last.y!) };
}

function summaryOf({ x, y }: LinesPanel, series: readonly LineSeries[]): string {
  const says = series.slice(0, 12).map(({ name, points }) => {
    const known = points.filter((point) => isDrawn(point.y, y.scale));
    const [first, last] = [known[0]!, known.at(-1)!];
    return `${name} from ${numberText(first.y!)} at ${numberText(first.x)} to ${numberText(last.y!)} at ${numberText(last.x)}`;
  });
  const more = series.length > says.length ? `, and ${series.length - says.length} more` : '';
  return `${y.label} by ${x.label}: ${says.join('; ')}${more}.`;
}
