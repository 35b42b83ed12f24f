import { extent } from 'd3-array';
import { scaleQuantize } from 'd3-scale';
import { isDrawn, reasonNotDrawn, type ScaleKind } from './axis.ts';
import { evenParts } from './chunks.ts';
import { figureOf, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing } from './plot.ts';
import { fitted, LINE, SMALL_FONT, WIDTH, widthOf, wrapped } from './text-size.ts';
import { NO_VALUE, notDrawn } from './texts.ts';

export interface Tile {
  row: string;
  column: string;
  value: number | null;
  reason?: string | undefined;
}

export interface TilesPanel {
  title: string;
  detail?: string | undefined;
  /** The quantity of the values. */
  label: string;
  /** Names of both axes, and their levels in order. */
  rowAxis: string;
  columnAxis: string;
  rows: readonly string[];
  columns: readonly string[];
  tiles: readonly Tile[];
  scale?: ScaleKind | undefined;
  /** Where nothing differs: tiles below are orange, tiles above blue. */
  middle?: number | undefined;
}

export interface TilesOptions extends Caption {
  panels: readonly TilesPanel[];
}

const MOST_COLUMNS = 7;
const HEIGHT = 24;
const STEPS = [0, 1, 2, 3, 4, 5, 6];

/** A value of each pair of levels of two axes, written into its tile; the more it stands out from the page, the higher. */
export function tiles({ panels: given, ...caption }: TilesOptions): Safe {
  const panels = given.map(withAllLevels);
  return figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelsOf(panel, caption)),
    key: panels.flatMap((panel) => keyOf(panel, panels.length > 1)),
    columns: [
      { name: new Set(panels.map(({ rowAxis }) => rowAxis)).size === 1 ? panels[0]!.rowAxis : 'row' },
      {
        name: new Set(panels.map(({ columnAxis }) => columnAxis)).size === 1 ? panels[0]!.columnAxis : 'column',
        text: true,
      },
      ...(panels.length > 1 ? [{ name: 'quantity', text: true }] : []),
      { name: 'value' },
    ],
    rows: panels.flatMap(({ tiles, label }) =>
      tiles.map(({ row, column, value, reason }) => ({
        cells: [row, column, ...(panels.length > 1 ? [label] : []), { value, reason }],
      })),
    ),
    subject: panels.map(({ label }) => label).join(', ') || caption.title,
  });
}

/** Levels that occur, but aren't listed, follow those that are. */
const withAllLevels = (panel: TilesPanel): TilesPanel => ({
  ...panel,
  rows: [...new Set([...panel.rows, ...panel.tiles.map(({ row }) => row)])],
  columns: [...new Set([...panel.columns, ...panel.tiles.map(({ column }) => column)])],
});

type Shade = (value: number) => string;

/** Seven steps; around a middle both sides reach equally far. */
function shadeOf({ tiles, scale, middle }: TilesPanel): {
  shade: Shade;
  steps: (step: number) => [number, number];
  letter: string;
} {
  const place = (value: number) => (scale === 'log' ? Math.log(value) : value);
  const back = (value: number) => (scale === 'log' ? Math.exp(value) : value);
  const [low, high] = extent(tiles.flatMap(({ value }) => (isDrawn(value, scale) ? [place(value)] : []))) as [
    number,
    number,
  ];
  const diverges = isDrawn(middle, scale);
  const center = diverges ? place(middle) : 0;
  const reach = Math.max(Math.abs(low - center), Math.abs(high - center)) || 1;
  const domain: [number, number] = diverges
    ? [center - reach, center + reach]
    : [low, high > low ? high : low + (Math.abs(low) || 1)];
  const quantized = scaleQuantize(domain, STEPS);
  const letter = diverges ? 'v' : 's';
  return {
    shade: (value) => `${letter}${quantized(place(value))}`,
    steps: (step) => quantized.invertExtent(step).map(back) as [number, number],
    letter,
  };
}

function panelsOf(panel: TilesPanel, caption: Caption): Panel[] {
  if (!panel.tiles.some(({ value }) => isDrawn(value, panel.scale)))
    return [{ title: panel.title, detail: panel.detail, svg: null }];
  const parts = evenParts(panel.columns, MOST_COLUMNS);
  const left = panel.tiles
    .filter(({ value }) => !isDrawn(value, panel.scale))
    .map(({ row, column, value, reason }) => ({
      name: `${panel.rowAxis} ${row}, ${panel.columnAxis} ${column}`,
      reason: (value === null && reason) || reasonNotDrawn(value, panel.scale)!,
    }));
  return parts.map((columns, index) => ({
    title: parts.length === 1 ? panel.title : `${panel.title}, ${index + 1} of ${parts.length}`,
    detail: panel.detail,
    svg: drawTiles(panel, columns, caption),
    notes: index === 0 ? notDrawn(left) : [],
  }));
}

function drawTiles(panel: TilesPanel, columns: readonly string[], caption: Caption): Safe {
  const names = [`${panel.rowAxis} ↓`, ...panel.rows].map((name) => widthOf(name, SMALL_FONT));
  const left = Math.min(130, Math.ceil(Math.max(...names)) + 8);
  const width = (WIDTH - left) / columns.length;
  const heads = columns.map((name) => wrapped(name, width - 3, SMALL_FONT).slice(0, 3));
  const top = 16 + Math.max(...heads.map((lines) => lines.length)) * LINE;
  const { shade } = shadeOf(panel);
  const own = panel.tiles.filter(({ row, column }) => panel.rows.includes(row) && columns.includes(column));
  const body = html`<text class="tick" x="0" y="10">${fitted(`${panel.rowAxis} ↓`, left - 4, SMALL_FONT)}</text
    ><text class="tick end" x="${WIDTH}" y="10">${fitted(`${panel.columnAxis} →`, WIDTH - left, SMALL_FONT)}</text
    >${heads.flatMap((lines, index) =>
      lines.map(
        (text, row) =>
          html`<text
            class="tick mid"
            x="${rounded(left + (index + 0.5) * width)}"
            y="${top - 5 - (lines.length - 1 - row) * LINE}"
            >${text}</text
          >`,
      ),
    )}${panel.rows.map(
      (name, index) =>
        html`<text class="tick" x="0" y="${top + index * HEIGHT + 15}"
          >${fitted(name, left - 4, SMALL_FONT)}<title>${name}</title></text
        >`,
    )}${own.map((tile) =>
      tileOf(tile, {
        panel,
        shade,
        box: { x: left + columns.indexOf(tile.column) * width, y: top + panel.rows.indexOf(tile.row) * HEIGHT, width },
      }),
    )}`;
  return drawing({
    caption,
    panel: panel.title,
    summary: summaryOf(panel),
    height: top + panel.rows.length * HEIGHT + 2,
    body,
  });
}

interface TileOptions {
  panel: TilesPanel;
  shade: Shade;
  box: { x: number; y: number; width: number };
}

function tileOf({ row, column, value, reason }: Tile, { panel, shade, box }: TileOptions): Safe {
  const drawn = isDrawn(value, panel.scale);
  const text = drawn ? numberText(value) : '–';
  const hint = `${panel.rowAxis} ${row}, ${panel.columnAxis} ${column}: ${drawn ? text : [NO_VALUE, reason ?? ''].join(' ')}`;
  const step = drawn ? shade(value) : 'none';
  return html`<rect
      class="mark tile ${step}"
      x="${rounded(box.x + 1)}"
      y="${box.y + 1}"
      width="${rounded(box.width - 2)}"
      height="${HEIGHT - 2}"
      ><title>${hint}</title></rect
    ><text class="on ${step} mid" x="${rounded(box.x + box.width / 2)}" y="${box.y + 16}"
      >${fitted(text, box.width - 2, SMALL_FONT)}</text
    > `;
}

function keyOf(panel: TilesPanel, several: boolean): KeyEntry[] {
  if (!panel.tiles.some(({ value }) => isDrawn(value, panel.scale))) return [];
  const { steps, letter } = shadeOf(panel);
  return [0, 3, 6].map((step) => {
    const [from, to] = steps(step);
    const range = `${numberText(from)} to ${numberText(to)}`;
    return {
      name: several ? `${panel.label} ${range}` : range,
      sign: keySign(html`<rect class="tile ${letter}${step}" width="16" height="12" />`),
    };
  });
}

function summaryOf({ tiles, label, scale, rowAxis, columnAxis }: TilesPanel): string {
  const drawn = tiles.filter(({ value }) => isDrawn(value, scale)).sort((a, b) => a.value! - b.value!);
  const says = ({ row, column, value }: Tile) => `${numberText(value!)} at ${rowAxis} ${row}, ${columnAxis} ${column}`;
  return `${label}, ${drawn.length} tiles: lowest ${says(drawn[0]!)}; highest ${says(drawn.at(-1)!)}.`;
}
