import { isDrawn, reasonNotDrawn, type AxisWords } from './axis.ts';
import type { Row } from './data-table.ts';
import { figureOf, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { drawLines, type LinePoint, type LinesPanel, type LineSeries } from './lines-panel.ts';
import { numberText } from './numbers.ts';
import { mark, signsOf, groupsOf, type Group, type Sign } from './signs.ts';
import { notDrawn } from './texts.ts';

export type { LinePoint, LineSeries, LinesPanel };

export interface LinesOptions extends Caption {
  panels: readonly LinesPanel[];
  /** Signs of series, by their names. */
  groups?: readonly Group[] | undefined;
  /** A file has the data, and its gaps: they are not repeated as a table, or one by one. */
  isOfFile?: boolean | undefined;
}

/**
 * Series over a quantity: each point is a mark, each series has its own shape and its name at its end where there is
 * room. A missing value interrupts the line.
 */
export function lines({ panels, groups, isOfFile = false, ...caption }: LinesOptions): Safe {
  const series = panels.flatMap((panel) => panel.series);
  const all = groupsOf(
    groups,
    series.map(({ name }) => name),
  );
  const signs = signsOf(all);
  return figureOf({
    ...caption,
    panels: panels
      .flatMap((panel) => panelOf(panel, caption, signs))
      .map((panel) => (isOfFile ? { ...panel, notes: [] } : panel)),
    key: keyOf(all, signs, series),
    columns: [
      { name: 'series' },
      ...(panels.length > 1 ? [{ name: 'panel', text: true }] : []),
      { name: labelOf(panels, 'x') },
      { name: labelOf(panels, 'y') },
      ...(hasBand(series) ? [{ name: 'low' }, { name: 'high' }] : []),
      { name: 'flags', text: true },
    ],
    rows: (isOfFile ? [] : panels).flatMap(({ title, series: own }) =>
      own.flatMap(({ name, points }) =>
        points.map((point) =>
          tableRow(point, { first: [name, ...(panels.length > 1 ? [title] : [])], band: hasBand(series) }),
        ),
      ),
    ),
    subject: panels.map(({ y }) => y.label).join(', ') || caption.title,
  });
}

function panelOf(panel: LinesPanel, caption: Caption, signs: ReadonlyMap<string, Sign>): Panel[] {
  const { title, detail, x, y, series } = panel;
  const points = series.flatMap(({ name, points }) => points.map((point) => ({ name, point })));
  const canDraw = ({ point }: (typeof points)[number]) => isDrawn(point.x, x.scale) && isDrawn(point.y, y.scale);
  if (!points.some(canDraw)) return [{ title, detail, svg: null }];
  const left = points
    .filter((one) => !canDraw(one))
    .map(({ name, point }) => ({ name: `${name} at ${numberText(point.x)}`, reason: reasonOf(point, x, y) }));
  return [{ title, detail, svg: drawLines({ caption, panel, signs }), notes: notDrawn(left) }];
}

const reasonOf = (point: LinePoint, x: AxisWords, y: AxisWords) =>
  (point.y === null && point.reason) || (reasonNotDrawn(point.x, x.scale) ?? reasonNotDrawn(point.y, y.scale)!);

function keyOf(all: readonly Group[], signs: ReadonlyMap<string, Sign>, series: readonly LineSeries[]): KeyEntry[] {
  const entries = all.map(({ name }) => {
    const sign = signs.get(name)!;
    const line = html`<path class="line c${sign.tone} d${sign.shape % 4}" d="M0 6H16" />`;
    return { name, sign: keySign(html`${line}${mark(sign, { x: 8, y: 6, classes: 'est' })}`) };
  });
  const flags = new Set(series.flatMap(({ points }) => points.flatMap((point) => point.flags ?? [])));
  const flag = { name: [...flags].join(', '), sign: keySign(html`<circle class="flagged" cx="8" cy="6" r="5" />`) };
  return [...entries, ...(flags.size > 0 ? [flag] : [])];
}

const hasBand = (series: readonly LineSeries[]) =>
  series.some(({ points }) => points.some(({ low, high }) => isDrawn(low) && isDrawn(high)));

function labelOf(panels: readonly LinesPanel[], axis: 'x' | 'y'): string {
  const labels = new Set(panels.map((panel) => panel[axis].label));
  return labels.size === 1 ? [...labels][0]! : { x: 'across', y: 'value' }[axis];
}

function tableRow(
  { x, y, low, high, flags = [], reason }: LinePoint,
  { first, band }: { first: string[]; band: boolean },
): Row {
  return { cells: [...first, x, { value: y, reason }, ...(band ? [low ?? null, high ?? null] : []), flags.join(', ')] };
}
