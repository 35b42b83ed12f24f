import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
  type SymbolType,
} from 'd3-shape';
import { html, type Safe } from './html.ts';
import { rounded } from './numbers.ts';

/** How a group is recognized: by colour and by shape, so that colour is never the only sign. */
export interface Sign {
  /** 1 to 8: the custom property `--c1` to `--c8`. */
  tone: number;
  /** 0 to 6: circle, square, diamond, cross, wye, star, triangle. */
  shape: number;
}

/** A group of marks; without a tone it takes the next one. */
export interface Group {
  name: string;
  tone?: number | undefined;
}

export const TONES = 8;
export const TRIANGLE = 6;

const SHAPES: readonly SymbolType[] = [
  symbolCircle,
  symbolSquare,
  symbolDiamond,
  symbolCross,
  symbolWye,
  symbolStar,
  symbolTriangle,
];

/** The sign of each group, in their order; 56 pairs of tone and shape differ. */
export const signsOf = (groups: readonly Group[]): Map<string, Sign> =>
  new Map(
    groups.map(({ name, tone }, index) => [
      name,
      { tone: (((tone ?? index + 1) - 1) % TONES) + 1, shape: index % SHAPES.length },
    ]),
  );

/** The groups that are named, then all others that occur. */
export function groupsOf(named: readonly Group[] | undefined, occurring: Iterable<string>): Group[] {
  const groups = new Map((named ?? []).map((group) => [group.name, group]));
  for (const name of occurring) if (!groups.has(name)) groups.set(name, { name });
  return [...groups.values()];
}

export interface MarkOptions {
  x: number;
  y: number;
  /** Radius in units. */
  size?: number | undefined;
  /** Words beside `mark`, such as `flagged`. */
  classes?: string | undefined;
  /** What it is, in words, shown while the pointer is on it. */
  hint?: string | undefined;
}

/** One mark in the shape of its group. */
export function mark({ tone, shape }: Sign, { x, y, size = 3.2, classes = 'mark', hint }: MarkOptions): Safe {
  const said = hint === undefined ? null : html`<title>${hint}</title>`;
  const place = { x: rounded(x), y: rounded(y) };
  if (shape === 0)
    return html`<circle class="${classes} c${tone}" cx="${place.x}" cy="${place.y}" r="${size}">${said}</circle>`;
  const path = symbol(SHAPES[shape], size * size * (shape === 1 || shape === 2 ? 3 : 3.6)).digits(1)();
  return html`<path class="${classes} c${tone}" transform="translate(${place.x} ${place.y})" d="${path}"
    >${said}</path
  >`;
}
