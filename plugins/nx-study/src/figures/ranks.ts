import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { figureOf, keySign, type Caption, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing } from './plot.ts';
import { fitted, LINE, WIDTH } from './text-size.ts';

export interface Chain {
  /** Of a chain, or of another thing with ranks. */
  name: string;
  /** Its draws in each bin of ranks. */
  counts: readonly number[];
}

export interface RanksPanel {
  /** The parameter. */
  title: string;
  detail?: string | undefined;
  chains: readonly Chain[];
  /** Draws in a bin if all chains were alike, and the range in which most bins lie then. */
  expected: number;
  band?: { low: number; high: number } | undefined;
}

export interface RanksOptions extends Caption {
  panels: readonly RanksPanel[];
  /** What has ranks, of what, and when most bins are within the band. */
  words?: RankWords | undefined;
}

export interface RankWords {
  row: string;
  counted: string;
  agree: string;
}

const OF_CHAINS: RankWords = { row: 'chain', counted: 'draws', agree: 'most bins, if chains agree' };

const HEIGHT = 40;

/**
 * Rank plots: how often a chain's draws have each rank among the draws of all chains. Flat bars mean that chains agree.
 * Vehtari et al. (2021), Rank-normalization, folding, and localization, section 5.
 */
export const ranks = ({ panels, words = OF_CHAINS, ...caption }: RanksOptions): Safe =>
  figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelOf(panel, caption, words)),
    key: [
      { name: 'expected', sign: keySign(html`<path class="ref" d="M0 6H16" />`) },
      ...(panels.some(({ band }) => band !== undefined)
        ? [
            {
              name: words.agree,
              sign: keySign(html`<rect class="expected" y="2" width="16" height="8" />`),
            },
          ]
        : []),
    ],
    columns: [
      { name: words.row },
      ...(panels.length > 1 ? [{ name: 'parameter', text: true }] : []),
      { name: 'bin of ranks' },
      { name: words.counted },
    ],
    rows: panels.flatMap(({ title, chains }) =>
      chains.flatMap(({ name, counts }) =>
        counts.map((count, index) => ({ cells: [name, ...(panels.length > 1 ? [title] : []), index + 1, count] })),
      ),
    ),
    subject: panels.map(({ title }) => title).join(', ') || caption.title,
  });

function panelOf(panel: RanksPanel, caption: Caption, { counted }: RankWords): Panel[] {
  const { title, detail, chains, expected, band } = panel;
  const drawn = chains.filter(({ counts }) => counts.length > 0 && counts.every(Number.isFinite));
  if (drawn.length === 0) return [{ title, detail, svg: null }];
  const highest = max([expected, band?.high ?? 0, ...drawn.flatMap(({ counts }) => counts)])! || 1;
  const rows = drawn.map((chain, index) => rowOf(chain, panel, { highest, top: index * (HEIGHT + LINE + 6), counted }));
  const deviating = drawn.map(({ name, counts }) => `${name}: ${counts.length} bins, ${rangeOf(counts)} ${counted}`);
  const left = chains.filter((chain) => !drawn.includes(chain)).map(({ name }) => `${name} has no ranks.`);
  const svg = drawing({
    caption,
    panel: title,
    summary: `Expected ${numberText(expected)} ${counted} a bin. ${deviating.join('; ')}.`,
    height: drawn.length * (HEIGHT + LINE + 6) + 2,
    body: rows,
  });
  return [{ title, detail, svg, notes: left }];
}

const rangeOf = (counts: readonly number[]) =>
  `${numberText(Math.min(...counts))} to ${numberText(Math.max(...counts))}`;

function rowOf(
  { name, counts }: Chain,
  { expected, band }: RanksPanel,
  { highest, top, counted }: { highest: number; top: number; counted: string },
): Safe {
  const bottom = top + LINE + HEIGHT;
  const y = scaleLinear([0, highest], [bottom, top + LINE + 2]).clamp(true);
  const width = WIDTH / counts.length;
  const gap = width > 4 ? 1 : 0;
  const bars = counts.map((count, index) => {
    const high = rounded(y(count));
    const hint = `${name}, bin ${index + 1}: ${numberText(count)} ${counted}`;
    return html`<rect
      class="mark bar c1"
      x="${rounded(index * width)}"
      y="${high}"
      width="${rounded(width - gap)}"
      height="${rounded(bottom - high)}"
      ><title>${hint}</title></rect
    >`;
  });
  const range = band && { from: rounded(y(band.high)), to: rounded(y(band.low)) };
  return html`<text x="0" y="${top + LINE - 3}">${fitted(name, WIDTH)}</text>${bars}${
      range
        ? html`<rect
            class="expected"
            x="0"
            y="${range.from}"
            width="${WIDTH}"
            height="${rounded(range.to - range.from)}"
          />`
        : null
    }<path class="ref" d="M0 ${rounded(y(expected))}H${WIDTH}" /> `;
}
