import { reasonNotDrawn, isDrawn, type AxisWords } from './axis.ts';
import type { Column, Row } from './data-table.ts';
import { figureOf, keyOfGroups, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { paretoFront, type Directions } from './pareto.ts';
import type { DrawnPoint, ScatterPanel, ScatterPoint } from './scatter-data.ts';
import { drawScatter } from './scatter-panel.ts';
import { groupsOf, signsOf, type Group } from './signs.ts';
import { notDrawn } from './texts.ts';

export type { ScatterPanel, ScatterPoint };

export interface ScatterOptions extends Caption {
  panels: readonly ScatterPanel[];
  groups?: readonly Group[] | undefined;
}

/**
 * Points by two quantities. The most extreme ones are labelled where there is room; with `pareto`, the front is a
 * stepped line, and its points are named in full below.
 */
export function scatter({ panels: given, groups, ...caption }: ScatterOptions): Safe {
  const panels = given.map((panel) => (panel.identity ? { ...panel, y: { ...panel.y, scale: panel.x.scale } } : panel));
  const points = panels.flatMap((panel) => panel.points);
  const all = groupsOf(
    groups,
    points.flatMap(({ group }) => group ?? []),
  );
  const signs = signsOf(all);
  const ends = endsOf(points);
  return figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelOf(panel, caption, signs)),
    key: [...keyOfGroups(all, signs), ...keyOfPoints(panels, points)],
    columns: columnsOf(panels, points),
    rows: panels.flatMap((panel) =>
      panel.points.map((point) => tableRow(point, { ends, panel: panels.length > 1 ? [panel.title] : [] })),
    ),
    subject: panels.map(({ x, y }) => `${y.label} against ${x.label}`).join(', ') || caption.title,
  });
}

function panelOf(panel: ScatterPanel, caption: Caption, signs: Parameters<typeof drawScatter>[0]['signs']): Panel[] {
  const { points, x, y, pareto, title, detail } = panel;
  const drawn = points.filter((point): point is DrawnPoint => isDrawn(point.x, x.scale) && isDrawn(point.y, y.scale));
  if (drawn.length === 0) return [{ title, detail, svg: null }];
  const front = pareto === undefined ? [] : paretoFront(drawn, pareto);
  const names = front.map(({ name }) => name).join('; ');
  const left = points
    .filter((point) => !drawn.includes(point as DrawnPoint))
    .map((point) => ({ name: point.name, reason: reasonOf(point, x, y) }));
  return [
    {
      title,
      detail,
      svg: drawScatter({ caption, panel, drawn, front, signs }),
      notes: [...(front.length > 0 ? [`${frontSays(pareto!)}: ${names}.`] : []), ...notDrawn(left)],
    },
  ];
}

const frontSays = ({ x, y }: Directions) =>
  `On the front, where nothing else is better in both (${x} to the ${x === 'lower' ? 'left' : 'right'}, ${y} at the ${y === 'lower' ? 'bottom' : 'top'})`;

function reasonOf({ x, y, reason }: ScatterPoint, xAxis: AxisWords, yAxis: AxisWords): string {
  if (reason !== undefined && (x === null || y === null)) return reason;
  const of = (value: number | null, { label, scale }: AxisWords) => {
    const why = reasonNotDrawn(value, scale);
    return why === null ? [] : [`${label}: ${why}`];
  };
  return [...of(x, xAxis), ...of(y, yAxis)].join('; ');
}

function keyOfPoints(panels: readonly ScatterPanel[], points: readonly ScatterPoint[]): KeyEntry[] {
  const flagged = points.some(({ flags = [] }) => flags.length > 0);
  return [
    ...(panels.some(({ pareto }) => pareto !== undefined)
      ? [{ name: 'front', sign: keySign(html`<path class="front" d="M1 10H8V2H15" />`) }]
      : []),
    ...(panels.some(({ identity }) => identity)
      ? [{ name: 'both equal', sign: keySign(html`<path class="ref" d="M1 11L15 1" />`) }]
      : []),
    ...(flagged
      ? [{ name: 'flagged: see the table', sign: keySign(html`<circle class="flagged" cx="8" cy="6" r="5" />`) }]
      : []),
  ];
}

/** Ends of intervals have columns only where there are any. */
const ENDS = ['xLow', 'xHigh', 'yLow', 'yHigh'] as const;

const endsOf = (points: readonly ScatterPoint[]) =>
  ENDS.filter((end) => points.some((point) => point[end] !== undefined && point[end] !== null));

function columnsOf(panels: readonly ScatterPanel[], points: readonly ScatterPoint[]): Column[] {
  const label = (axis: 'x' | 'y', fallback: string) => {
    const labels = new Set(panels.map((panel) => panel[axis].label));
    return labels.size === 1 ? [...labels][0]! : fallback;
  };
  const names = { x: label('x', 'axis across'), y: label('y', 'axis upward') };
  return [
    { name: 'name' },
    ...(panels.length > 1 ? [{ name: 'panel', text: true }] : []),
    { name: names.x },
    { name: names.y },
    ...endsOf(points).map((end) => ({ name: `${names[end[0] as 'x' | 'y']}, ${end.slice(1).toLowerCase()}` })),
    { name: 'group', text: true },
    { name: 'flags', text: true },
  ];
}

function tableRow(point: ScatterPoint, { ends, panel }: { ends: ReturnType<typeof endsOf>; panel: string[] }): Row {
  const { name, x, y, group, flags = [], reason } = point;
  const cells = [{ value: x, reason }, { value: y, reason }, ...ends.map((end) => point[end] ?? null)];
  return { cells: [name, ...panel, ...cells, group ?? '', flags.join(', ')] };
}
