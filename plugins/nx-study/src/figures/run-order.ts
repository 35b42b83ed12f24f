import { reasonNotDrawn, type AxisWords } from './axis.ts';
import { figureOf, keySign, type Caption, type KeyEntry, type Panel } from './figure.ts';
import { html, type Safe } from './html.ts';
import { drawRuns, hasPlace, NO_FLAG, TOO_MANY, type Run, type RunsPanel } from './run-order-panel.ts';
import { numberText } from './numbers.ts';
import { groupsOf, mark, signsOf, type Group, type Sign } from './signs.ts';
import { notDrawn, thinned } from './texts.ts';

export type { Run, RunsPanel };

export interface RunOrderOptions extends Caption {
  panels: readonly RunsPanel[];
  /** Colours of experiments. */
  experiments?: readonly Group[] | undefined;
}

/**
 * Values in the order in which the runs started. The colour is the experiment, whose runs a thin line joins; the shape is
 * the first flag. With more than eight experiments they aren't told apart.
 */
export function runOrder({ panels, experiments, ...caption }: RunOrderOptions): Safe {
  const runs = panels.flatMap((panel) => panel.runs);
  const all = groupsOf(
    experiments,
    runs.map(({ experiment }) => experiment),
  );
  const tones = signsOf(all);
  const flags = [...new Set(runs.flatMap(({ flags = [] }) => flags.slice(0, 1)))];
  const shapes = new Map([NO_FLAG, ...flags].map((flag, index) => [flag, index % 7]));
  const apart = all.length <= TOO_MANY;
  return figureOf({
    ...caption,
    panels: panels.flatMap((panel) => panelOf(panel, { caption, tones, shapes, apart })),
    key: [...keyOf(flags, shapes), ...keyOfTrend(panels)],
    columns: [
      { name: 'experiment' },
      ...(panels.length > 1 ? [{ name: 'panel', text: true }] : []),
      { name: 'order of start' },
      { name: new Set(panels.map(({ y }) => y.label)).size === 1 ? panels[0]!.y.label : 'value' },
      { name: 'flags', text: true },
    ],
    rows: panels.flatMap(({ title, runs }) =>
      runs.map(({ experiment, order, value, reason, flags = [] }) => ({
        cells: [experiment, ...(panels.length > 1 ? [title] : []), order, { value, reason }, flags.join(', ')],
      })),
    ),
    subject: panels.map(({ y }) => y.label).join(', ') || caption.title,
  });
}

interface PanelOptions {
  caption: Caption;
  tones: ReadonlyMap<string, Sign>;
  shapes: ReadonlyMap<string, number>;
  apart: boolean;
}

function panelOf(panel: RunsPanel, options: PanelOptions): Panel[] {
  const { title, detail, y, runs } = panel;
  if (!runs.some((run) => hasPlace(run, y))) return [{ title, detail, svg: null }];
  const { file } = options.caption;
  const drawn = file === undefined ? runs : evenly(runs, MOST_DRAWN);
  const left = runs
    .filter((run) => !hasPlace(run, y))
    .map((run) => ({ name: `${run.experiment}, start ${numberText(run.order)}`, reason: reasonOf(run, y) }));
  const many = options.apart ? [] : [`More than ${TOO_MANY} experiments: point at a mark to see which one it is.`];
  const few = drawn.length < runs.length ? [thinned(drawn.length, runs.length, file!)] : [];
  const svg = drawRuns({ panel: { ...panel, runs: drawn }, ...options });
  return [{ title, detail, svg, notes: [...few, ...many, ...notDrawn(left)] }];
}

/** More marks can't be told apart on a panel, and make a page too large. */
const MOST_DRAWN = 1000;

/** At most so many, the first and the last among them. */
const evenly = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, index) => all[Math.round((index * (all.length - 1)) / (most - 1))]!);

const reasonOf = ({ order, value, reason }: Run, { scale }: AxisWords) =>
  (value === null && reason) || (reasonNotDrawn(value, scale) ?? reasonNotDrawn(order)!);

const keyOf = (flags: readonly string[], shapes: ReadonlyMap<string, number>): KeyEntry[] =>
  flags.length === 0 ? [] : [NO_FLAG, ...flags].map((name) => ({ name, sign: keySign(flagSign(shapes.get(name)!)) }));

const flagSign = (shape: number): Safe =>
  mark({ tone: 6, shape }, { x: 8, y: 6, size: 4, classes: shape === 0 ? 'est' : 'hollow' });

const keyOfTrend = (panels: readonly RunsPanel[]): KeyEntry[] =>
  panels.some(({ trend }) => trend !== undefined)
    ? [{ name: 'drift', sign: keySign(html`<path class="trend" d="M0 6H16" />`) }]
    : [];
