import { max } from 'd3-array';
import { axisOf, type Axis, type AxisWords } from './axis.ts';
import type { Caption } from './figure.ts';
import { html, type Fragment, type Safe } from './html.ts';
import { rounded } from './numbers.ts';
import { fitted, LINE, SMALL_FONT, WIDTH, widthOf } from './text-size.ts';

export interface Drawing {
  caption: Pick<Caption, 'title' | 'description'>;
  /** The panel's own title, and in a sentence what it shows. */
  panel: string;
  summary: string;
  height: number;
  body: Fragment;
}

/** An SVG that a screen reader reads as one image with a title and a description. */
export const drawing = ({ caption, panel, summary, height, body }: Drawing): Safe =>
  html`<svg viewBox="0 0 ${WIDTH} ${rounded(height)}" role="img">
    <title>${caption.title}: ${panel}</title>
    <desc>${caption.description} ${summary}</desc>
    ${body}
  </svg>`;

/** An area with two axes. */
export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: Axis;
  y: Axis;
}

export interface PlotOptions {
  x: AxisWords & { values: readonly number[] };
  y: AxisWords & { values: readonly number[] };
  /** Height of the area. */
  height?: number | undefined;
  /** Kept free at the right, for labels. */
  right?: number | undefined;
}

// Marks at the ends of an axis stay inside the area; round numbers leave room by themselves.
const INSET = 8;
const inset = ({ scale }: AxisWords) => (scale === 'log' ? INSET : 0);

/** Lays out an area with two axes; the labels of the upright one decide where it begins. */
export function plotOf({ x, y, height = 190, right = 10 }: PlotOptions): Plot {
  const top = 20;
  const bottom = top + height;
  const upright = axisOf({
    values: y.values,
    scale: y.scale,
    range: [bottom - inset(y), top + inset(y)],
    upright: true,
  });
  const left = Math.min(WIDTH / 3, Math.ceil((max(upright.ticks, ({ text }) => widthOf(text, SMALL_FONT)) ?? 0) + 8));
  const along = axisOf({ values: x.values, scale: x.scale, range: [left + INSET, WIDTH - right - INSET], nice: false });
  return { left, right: WIDTH - right, top, bottom, x: along, y: upright };
}

/** Height of a drawing with this area, its ticks and the name of the axis along included. */
export const heightOf = ({ bottom }: Pick<Plot, 'bottom'>): number => bottom + 2 * LINE + 6;

/** Grid, ticks and names of both axes. */
export const gridOf = (plot: Plot, x: AxisWords, y: AxisWords): Safe =>
  html`<path
      class="grid"
      d="${plot.y.ticks.map(({ at }) => `M${plot.left} ${rounded(at)}H${plot.right}`).join('')}"
    />${plot.y.ticks.map(
      ({ at, text }) => html`<text class="tick end" x="${plot.left - 4}" y="${rounded(at + 3.5)}">${text}</text>`,
    )}<text class="tick" x="0" y="10">${fitted(`↑ ${y.label}`, WIDTH, SMALL_FONT)}</text
    >${ticksBelow(plot.x, plot.bottom)}<text class="tick end" x="${WIDTH}" y="${rounded(plot.bottom + 2 * LINE + 2)}"
      >${fitted(`${x.label} →`, WIDTH, SMALL_FONT)}</text
    >`;

/** Ticks and their labels along the lower edge; with a top, lines up to it. */
export const ticksBelow = ({ ticks }: Axis, bottom: number, top: number = bottom): Safe =>
  html`<path
      class="grid"
      d="${ticks.map(({ at }) => `M${rounded(at)} ${rounded(top)}V${rounded(bottom + 3)}`).join('')}"
    />${ticks.map(
      ({ at, text }) =>
        html`<text class="tick ${placeOf(at, text)}" x="${endOf(at, text)}" y="${rounded(bottom + LINE)}"
          >${text}</text
        >`,
    )}`;

// A label at an edge would leave the panel.
function placeOf(at: number, text: string): string {
  const half = widthOf(text, SMALL_FONT) / 2;
  if (at + half > WIDTH) return 'end';
  return at - half < 0 ? '' : 'mid';
}

function endOf(at: number, text: string): number {
  const place = placeOf(at, text);
  if (place === 'mid') return rounded(at);
  return place === 'end' ? WIDTH : 0;
}

/** A dashed line across the area with its name, for a reference on the upright axis. */
export const referenceAcross = ({ left, right }: Pick<Plot, 'left' | 'right'>, at: number): Safe =>
  html`<path class="ref" d="M${left} ${rounded(at)}H${right}" />`;

export const referenceUp = (at: number, top: number, bottom: number): Safe =>
  html`<path class="ref" d="M${rounded(at)} ${rounded(top)}V${rounded(bottom)}" />`;
