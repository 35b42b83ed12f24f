import { minIndex, sum } from 'd3-array';
import { FONT, LINE, widthOf } from './text-size.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A label that belongs to a place. */
export interface Anchor {
  x: number;
  y: number;
  text: string;
}

/** A label in its place: the text begins at the left of the box, its baseline is 3 units above the lower edge. */
export interface Label extends Anchor {
  box: Box;
  /** Where a line from the mark ends, when the label stands apart from it. */
  leader: { x: number; y: number } | null;
}

export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The area that both boxes cover. */
function common(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

const within = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Around a mark, as far as its label must stay away. */
const RADIUS = 4;
/** Distances of labels from their marks; from the second on, a line leads to the label. */
const DISTANCES = [5.5, 17, 30];

/** The box of a mark that labels may not cover. */
export const boxOfMark = ({ x, y }: { x: number; y: number }): Box => ({
  x: x - RADIUS,
  y: y - RADIUS,
  width: 2 * RADIUS,
  height: 2 * RADIUS,
});

/** What labels must stay clear of. */
export interface Obstacles {
  /** Boxes of all marks, those of the labels included. */
  marks: readonly Box[];
  /** Boxes of lines: a label hides as little of them as can be. */
  lines: readonly Box[];
}

/**
 * Places labels beside their anchors, one after the other: each where it covers neither a label before it, nor an
 * obstacle, nor leaves the area. A label without such a place is left out.
 */
export function placeLabels(anchors: readonly Anchor[], { marks, lines }: Obstacles, area: Box): Label[] {
  const taken = [...marks];
  const placed: Label[] = [];
  const hidden = (box: Box) => sum(lines, (line) => common(box, line));
  for (const anchor of anchors) {
    const free = DISTANCES.flatMap((away) => candidates(anchor, away).map((box) => ({ box, away }))).filter(
      ({ box }) => within(box, area) && !taken.some((other) => overlap(box, other)),
    );
    const found = free[minIndex(free, ({ box }) => hidden(box))];
    if (!found) continue;
    const { box, away } = found;
    taken.push(box);
    placed.push({ ...anchor, box, leader: away === DISTANCES[0] ? null : leaderTo(box, anchor) });
  }
  return placed;
}

/** From the nearest place of the box to the mark. */
const leaderTo = ({ x, y, width, height }: Box, mark: Anchor) => ({
  x: Math.max(x, Math.min(mark.x, x + width)),
  y: Math.max(y, Math.min(mark.y, y + height)),
});

/** Right, left, above, below, then the corners. */
function candidates({ x, y, text }: Anchor, away: number): Box[] {
  const width = widthOf(text, FONT);
  const [right, left, middle] = [x + away, x - away - width, x - width / 2];
  const [above, below, beside] = [y - away - LINE, y + away, y - LINE / 2];
  const corners = [right - 4, left + 4].flatMap((at) => [above + 1, below - 1].map((top) => [at, top]));
  return [[right, beside], [left, beside], [middle, above], [middle, below], ...corners].map(([at, top]) => ({
    x: at!,
    y: top!,
    width,
    height: LINE,
  }));
}

/**
 * Moves places apart on one line, as little as needed.
 * @returns for each place where it goes, or null for those that have no room: the last ones.
 */
export function keptApart(
  places: readonly number[],
  gap: number,
  [low, high]: readonly [number, number],
): (number | null)[] {
  const room = Math.max(0, Math.floor((high - low) / gap) + 1);
  const order = places
    .map((at, index) => ({ at, index }))
    .slice(0, room)
    .sort((a, b) => a.at - b.at);
  const result: (number | null)[] = places.map(() => null);
  let before = low - gap;
  for (const { at, index } of order) result[index] = before = Math.max(at, before + gap);
  let after = high + gap;
  for (const { index } of order.toReversed()) result[index] = after = Math.min(result[index]!, after - gap);
  return result;
}
