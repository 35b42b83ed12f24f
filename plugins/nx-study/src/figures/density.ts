import { isDrawn, type AxisWords } from './axis.ts';
import type { Column, Row } from './data-table.ts';
import { drawDensity } from './density-panel.ts';
import { binsOf, stepsOf } from './distribution.ts';
import { figureOf, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { groupsOf, signsOf, type Group, type Sign } from './signs.ts';

export interface Distribution {
  name: string;
  values: readonly number[];
}

export interface DensityPanel {
  title: string;
  detail?: string | undefined;
  x: AxisWords;
  /** All share the bins; one or two in a panel are easiest to read. */
  distributions: readonly Distribution[];
  /** Values with a dashed line. */
  references?: readonly number[] | undefined;
}

export interface DensityOptions extends Caption {
  panels: readonly DensityPanel[];
  kind: 'histogram' | 'ecdf';
  groups?: readonly Group[] | undefined;
}

/** Distributions as small multiples: histograms (shares of the values in 24 bins) or distribution functions. */
export function density({ panels, kind, groups, ...caption }: DensityOptions): Safe {
  const all = groupsOf(
    groups,
    panels.flatMap(({ distributions }) => distributions.map(({ name }) => name)),
  );
  const signs = signsOf(all);
  return figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelOf(panel, { caption, kind, signs })),
    key: keyOf(all, signs),
    columns: columnsOf(kind, panels.length > 1),
    rows: panels.flatMap((panel) => rowsOf(panel, kind, panels.length > 1 ? [panel.title] : [])),
    subject: panels.map(({ x }) => x.label).join(', ') || caption.title,
  });
}

const drawnOf = ({ x, distributions }: DensityPanel): Distribution[] =>
  distributions
    .map(({ name, values }) => ({ name, values: values.filter((value) => isDrawn(value, x.scale)) }))
    .filter(({ values }) => values.length > 0);

interface PanelOptions {
  caption: Caption;
  kind: DensityOptions['kind'];
  signs: ReadonlyMap<string, Sign>;
}

function panelOf(panel: DensityPanel, { caption, kind, signs }: PanelOptions): Panel[] {
  const { title, detail, x, references, distributions } = panel;
  const drawn = drawnOf(panel);
  if (drawn.length === 0) return [{ title, detail, svg: null }];
  const notes = distributions.flatMap(({ name, values }) => {
    const left = values.filter((value) => !isDrawn(value, x.scale)).length;
    if (values.length === 0) return [`${name} has no values.`];
    return left === 0
      ? []
      : [`Not drawn: ${left} of ${values.length} values of ${name}, which have no place on this axis.`];
  });
  return [{ title, detail, svg: drawDensity({ caption, title, x, references, drawn, kind, signs }), notes }];
}

const keyOf = (all: readonly Group[], signs: ReadonlyMap<string, Sign>): KeyEntry[] =>
  all.length < 2
    ? []
    : all.map(({ name }) => {
        const { tone, shape } = signs.get(name)!;
        return { name, sign: keySign(html`<path class="line c${tone} d${shape % 4}" d="M0 6H16" />`) };
      });

const columnsOf = (kind: DensityOptions['kind'], several: boolean): Column[] => [
  { name: 'distribution' },
  ...(several ? [{ name: 'panel', text: true }] : []),
  ...(kind === 'histogram'
    ? [{ name: 'from' }, { name: 'to' }, { name: 'count' }]
    : [{ name: 'value' }, { name: 'share at most' }]),
];

function rowsOf(panel: DensityPanel, kind: DensityOptions['kind'], first: string[]): Row[] {
  const drawn = drawnOf(panel);
  if (drawn.length === 0) return [];
  const rows =
    kind === 'histogram'
      ? binsOf(
          drawn.map(({ values }) => values),
          panel.x.scale,
        ).map((bins) => bins.map(({ low, high, count }) => [low, high, count]))
      : drawn.map(({ values }) => stepsOf(values).map(({ value, share }) => [value, share]));
  return rows.flatMap((own, index) => own.map((cells) => ({ cells: [drawn[index]!.name, ...first, ...cells] })));
}
