import { max } from 'd3-array';
import { html, type Safe } from './html.ts';
import { keptApart, type Anchor } from './labels.ts';
import { rounded } from './numbers.ts';
import type { Plot } from './plot.ts';
import { fitted, LINE, WIDTH, widthOf } from './text-size.ts';

const LONGEST = 128;

/** A name as it may stand at the end of a line. */
export const endLabel = (name: string): string => fitted(name, LONGEST);

/** The units that labels need at the right of an area. */
export const roomForLabels = (labels: readonly string[]): number => (max(labels, (text) => widthOf(text)) ?? 0) + 14;

/** Labels at the ends of lines, moved up or down so that none covers another. */
export function endLabels(ends: readonly Anchor[], { top, bottom }: Pick<Plot, 'top' | 'bottom'>): Safe[] {
  const places = keptApart(
    ends.map(({ y }) => y),
    LINE,
    [top, bottom],
  );
  const left = WIDTH - (max(ends, ({ text }) => widthOf(text)) ?? 0);
  return ends.flatMap(({ x, y, text }, index) => {
    const at = places[index];
    if (at === null || at === undefined) return [];
    const from = x + 4;
    const leader = html`<path
      class="leader"
      d="M${rounded(from)} ${rounded(y)}L${rounded(Math.max(from, left - 3))} ${rounded(at)}"
    />`;
    return [html`${leader}<text class="label" x="${rounded(left)}" y="${rounded(at + 4)}">${text}</text>`];
  });
}
