import { mean } from 'd3-array';
import { curveStepAfter, curveStepBefore, line } from 'd3-shape';
import { isDrawn, type AxisWords } from './axis.ts';
import type { Caption } from './figure.ts';
import { html, type Safe } from './html.ts';
import { boxOfMark, placeLabels, type Label } from './labels.ts';
import { numberText, rounded } from './numbers.ts';
import type { Directions } from './pareto.ts';
import { drawing, gridOf, heightOf, plotOf, referenceAcross, referenceUp, type Plot } from './plot.ts';
import type { DrawnPoint, ScatterPanel } from './scatter-data.ts';
import { lineBoxes } from './scatter-lines.ts';
import { mark, type Sign } from './signs.ts';
import { fitted, WIDTH } from './text-size.ts';

export interface ScatterDrawing {
  caption: Caption;
  panel: ScatterPanel;
  drawn: readonly DrawnPoint[];
  front: readonly DrawnPoint[];
  signs: ReadonlyMap<string, Sign>;
}

const LONGEST_LABEL = 150;

/** One panel of `scatter`. */
export function drawScatter({ caption, panel, drawn, front, signs }: ScatterDrawing): Safe {
  const plot = areaOf(panel, drawn);
  const sign = ({ group }: DrawnPoint) => (group === undefined ? { tone: 1, shape: 0 } : signs.get(group)!);
  const marks = drawn.map((point) => {
    const [x, y] = [plot.x.at(point.x), plot.y.at(point.y)];
    const flagged = (point.flags ?? []).length > 0;
    return html`${errorBars(point, plot, sign(point))}${
      flagged ? html`<circle class="flagged" cx="${rounded(x)}" cy="${rounded(y)}" r="6" />` : null
    }${mark(sign(point), { x, y, classes: front.includes(point) ? 'mark on-front' : 'mark', hint: hintOf(point, panel) })} `;
  });
  const labels = labelsOf(panel, { drawn, front, plot });
  return drawing({
    caption,
    panel: panel.title,
    summary: summaryOf(panel, drawn),
    height: heightOf(plot),
    body: html`${gridOf(plot, panel.x, panel.y)}${linesOf(panel, plot)}${frontLine(front, panel.pareto, plot)}${marks}${labels.map(labelOf)}`,
  });
}

function areaOf({ x, y, identity, references }: ScatterPanel, drawn: readonly DrawnPoint[]): Plot {
  const can = (values: readonly (number | null | undefined)[], { scale }: AxisWords) =>
    values.filter((value) => isDrawn(value, scale));
  const ends = (axis: 'x' | 'y', words: AxisWords) =>
    near(
      can(
        drawn.map((point) => point[axis]),
        words,
      ),
      can(
        drawn.flatMap((point) => [point[`${axis}Low`], point[`${axis}High`]]),
        words,
      ),
      words,
    );
  const along = [...ends('x', x), ...can(references?.x ?? [], x)];
  const upright = [...ends('y', y), ...can(references?.y ?? [], y)];
  return plotOf({
    x: { ...x, values: identity ? [...along, ...can(upright, x)] : along },
    y: { ...y, values: identity ? [...upright, ...can(along, y)] : upright },
    height: identity ? 260 : 190,
  });
}

/** Points, and the ends of error bars as far as the axis goes for them: a wide one would squeeze all points into a corner. */
function near(points: readonly number[], ends: readonly number[], { scale }: AxisWords): number[] {
  const [on, off] = scale === 'log' ? [Math.log, Math.exp] : [Number, Number];
  const [low, high] = [Math.min(...points.map(on)), Math.max(...points.map(on))];
  const room = Math.max((high - low) * ROOM, Math.abs(high) * LEAST_ROOM);
  return [...points, ...ends.map((end) => off(Math.min(high + room, Math.max(low - room, on(end)))))];
}

/** Of the range of the points, on both sides. */
const ROOM = 0.5;
const LEAST_ROOM = 0.05;

function linesOf({ identity, references }: ScatterPanel, { x, y, ...edges }: Plot): Safe {
  const [low, high] = [Math.max(x.domain[0], y.domain[0]), Math.min(x.domain[1], y.domain[1])];
  const inside = (value: number, { domain }: Plot['x']) => value >= domain[0] && value <= domain[1];
  return html`${
    identity
      ? html`<path
          class="ref"
          d="M${rounded(x.at(low))} ${rounded(y.at(low))}L${rounded(x.at(high))} ${rounded(y.at(high))}"
        />`
      : null
  }${(references?.y ?? []).filter((value) => inside(value, y)).map((value) => referenceAcross(edges, y.at(value)))}${(
    references?.x ?? []
  )
    .filter((value) => inside(value, x))
    .map((value) => referenceUp(x.at(value), edges.top, edges.bottom))}`;
}

/** Between two points of the front, the next one that is good enough in x says how good y can be. */
function frontLine(front: readonly DrawnPoint[], better: Directions | undefined, { x, y }: Plot): Safe | null {
  if (better === undefined || front.length === 0) return null;
  const path = line<DrawnPoint>(
    (point) => x.at(point.x),
    (point) => y.at(point.y),
  )
    .curve(better.x === 'lower' ? curveStepAfter : curveStepBefore)
    .digits(1)(front);
  return html`<path class="front" d="${path}" />`;
}

function errorBars({ x, y, xLow, xHigh, yLow, yHigh }: DrawnPoint, plot: Plot, { tone }: Sign): Safe | null {
  const both = (low?: number | null, high?: number | null) => isDrawn(low) && isDrawn(high);
  const [left, top] = [rounded(plot.x.at(x)), rounded(plot.y.at(y))];
  const across = both(xLow, xHigh) ? `M${rounded(plot.x.at(xLow!))} ${top}H${rounded(plot.x.at(xHigh!))}` : '';
  const upright = both(yLow, yHigh) ? `M${left} ${rounded(plot.y.at(yLow!))}V${rounded(plot.y.at(yHigh!))}` : '';
  if (across + upright === '') return null;
  const heads = [
    ...(across === '' ? [] : headsOf(plot.x, [xLow!, xHigh!], (at, away) => arrow(at, top, [away, 0]))),
    ...(upright === '' ? [] : headsOf(plot.y, [yLow!, yHigh!], (at, away) => arrow(left, at, [0, -away]))),
  ];
  return html`<path class="error c${tone}" d="${across}${upright}" />${heads}`;
}

/** Arrowheads where an error bar goes on beyond the axis. */
const headsOf = (
  { at, domain }: Plot['x'],
  [low, high]: readonly [number, number],
  head: (at: number, away: -1 | 1) => Safe,
): Safe[] => [
  ...(low < domain[0] ? [head(rounded(at(domain[0])), -1)] : []),
  ...(high > domain[1] ? [head(rounded(at(domain[1])), 1)] : []),
];

function arrow(x: number, y: number, [right, down]: readonly [number, number]): Safe {
  const [backX, backY] = [x - 5 * right, y - 5 * down];
  const side = right === 0 ? ([3, 0] as const) : ([0, 3] as const);
  const ends = [1, -1].map((sign) => `${rounded(backX + sign * side[0])} ${rounded(backY + sign * side[1])}`);
  return html`<path class="arrow c1" d="M${x} ${y}L${ends[0]}L${ends[1]}Z" />`;
}

interface Labelled {
  drawn: readonly DrawnPoint[];
  front: readonly DrawnPoint[];
  plot: Plot;
}

function labelsOf(panel: ScatterPanel, { drawn, front, plot }: Labelled): Label[] {
  const places = drawn.map((point) => ({ point, x: plot.x.at(point.x), y: plot.y.at(point.y) }));
  const [middleX, middleY] = [mean(places, ({ x }) => x)!, mean(places, ({ y }) => y)!];
  const reference = panel.references?.y?.[0];
  const extremeness = ({ point, x, y }: (typeof places)[number]) => {
    if (point.weight !== undefined) return point.weight;
    if (panel.identity) return Math.abs(y - plot.y.at(point.x));
    if (isDrawn(reference, panel.y.scale)) return Math.abs(y - plot.y.at(reference));
    return Math.hypot(x - middleX, y - middleY);
  };
  const rest = places
    .filter(({ point }) => !front.includes(point))
    .sort((a, b) => extremeness(b) - extremeness(a))
    .slice(0, panel.labelled ?? 8);
  const anchors = [...places.filter(({ point }) => front.includes(point)), ...rest].map(({ point, x, y }) => ({
    x,
    y,
    text: fitted(point.name, LONGEST_LABEL),
  }));
  const area = { x: plot.left, y: plot.top - 8, width: WIDTH - plot.left, height: plot.bottom - plot.top + 8 };
  return placeLabels(anchors, { marks: places.map(boxOfMark), lines: lineBoxes(panel, drawn, front, plot) }, area);
}

const labelOf = ({ x, y, text, box, leader }: Label): Safe =>
  html`${
      leader === null
        ? null
        : html`<path class="leader" d="M${rounded(x)} ${rounded(y)}L${rounded(leader.x)} ${rounded(leader.y)}" />`
    }<text class="label" x="${rounded(box.x)}" y="${rounded(box.y + box.height - 3)}">${text}</text>`;

function hintOf({ name, x, y, reason, flags = [] }: DrawnPoint, panel: ScatterPanel): string {
  const says = `${name}: ${panel.x.label} ${numberText(x)}, ${panel.y.label} ${numberText(y)}`;
  return [says, ...(reason === undefined ? [] : [reason]), ...flags].join('; ');
}

function summaryOf({ x, y }: ScatterPanel, drawn: readonly DrawnPoint[]): string {
  const reach = (axis: 'x' | 'y') => {
    const values = drawn.map((point) => point[axis]).sort((a, b) => a - b);
    return `from ${numberText(values[0]!)} to ${numberText(values.at(-1)!)}`;
  };
  return `${drawn.length} points: ${x.label} ${reach('x')}, ${y.label} ${reach('y')}.`;
}
