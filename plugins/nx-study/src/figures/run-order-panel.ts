import { line } from 'd3-shape';
import { isDrawn, type AxisWords } from './axis.ts';
import { endLabel, endLabels, roomForLabels } from './end-labels.ts';
import type { Caption } from './figure.ts';
import { html, type Safe } from './html.ts';
import { numberText, rounded } from './numbers.ts';
import { drawing, gridOf, heightOf, plotOf, referenceAcross, type Plot } from './plot.ts';
import { mark, TONES, type Sign } from './signs.ts';

/** One measurement. */
export interface Run {
  experiment: string;
  /** Its place among all starts, from 1. */
  order: number;
  value: number | null;
  flags?: readonly string[] | undefined;
  reason?: string | undefined;
}

export interface RunsPanel {
  title: string;
  detail?: string | undefined;
  y: AxisWords;
  runs: readonly Run[];
  /** A straight line of drift: two points of it. */
  trend?: readonly [{ order: number; value: number }, { order: number; value: number }] | undefined;
  /** Such as 1, when values are relative to their experiment's mean. */
  reference?: number | undefined;
}

export const NO_FLAG = 'no flag';
export const TOO_MANY = TONES;

export interface RunsDrawing {
  caption: Caption;
  panel: RunsPanel;
  tones: ReadonlyMap<string, Sign>;
  shapes: ReadonlyMap<string, number>;
  /** Whether experiments have colours of their own. */
  apart: boolean;
}

type Measured = Run & { value: number };

export const hasPlace = ({ order, value }: Run, { scale }: AxisWords): boolean =>
  isDrawn(order) && isDrawn(value, scale);

const ORDER: AxisWords = { label: 'order of start' };

/** One panel of `runOrder`. */
export function drawRuns({ caption, panel, tones, shapes, apart }: RunsDrawing): Safe {
  const measured = panel.runs
    .filter((run): run is Measured => hasPlace(run, panel.y))
    .sort((a, b) => a.order - b.order);
  const experiments = apart ? [...new Set(measured.map(({ experiment }) => experiment))] : [];
  const labels = experiments.length > 1 ? experiments.map(endLabel) : [];
  const plot = areaOf(panel, measured, roomForLabels(labels));
  const place = (run: Measured) => ({ x: plot.x.at(run.order), y: plot.y.at(run.value) });
  const last = experiments.map((name) => measured.findLast(({ experiment }) => experiment === name)!);
  const joined = experiments.map((name) => {
    const own = measured.filter(({ experiment }) => experiment === name);
    const path = line<Measured>(
      (run) => place(run).x,
      (run) => place(run).y,
    ).digits(1)(own);
    return html`<path class="join c${tones.get(name)!.tone}" d="${path}" />`;
  });
  const marks = measured.map((run) => {
    const [flag = NO_FLAG] = run.flags ?? [];
    const sign = { tone: apart ? tones.get(run.experiment)!.tone : 1, shape: shapes.get(flag)! };
    const classes = flag === NO_FLAG ? 'mark' : 'mark hollow';
    return html`${mark(sign, { ...place(run), size: flag === NO_FLAG ? 3.2 : 4, classes, hint: hintOf(run) })} `;
  });
  return drawing({
    caption,
    panel: panel.title,
    summary: summaryOf(panel, measured),
    height: heightOf(plot),
    body: html`${gridOf(plot, ORDER, panel.y)}${linesOf(panel, plot)}${joined}${marks}${endLabels(
      labels.map((text, index) => ({ text, ...place(last[index]!) })),
      plot,
    )}`,
  });
}

function areaOf({ y, trend, reference }: RunsPanel, measured: readonly Measured[], right: number): Plot {
  const values = [...measured.map(({ value }) => value), ...(trend ?? []).map(({ value }) => value), reference];
  return plotOf({
    x: { ...ORDER, values: measured.map(({ order }) => order) },
    y: { ...y, values: values.filter((value) => isDrawn(value, y.scale)) },
    right,
  });
}

function linesOf({ y, trend, reference }: RunsPanel, plot: Plot): Safe {
  const across = isDrawn(reference, y.scale) ? referenceAcross(plot, plot.y.at(reference)) : null;
  if (trend === undefined || !trend.every(({ order, value }) => isDrawn(order) && isDrawn(value, y.scale)))
    return html`${across}`;
  const [from, to] = trend.map(({ order, value }) => `${rounded(plot.x.at(order))} ${rounded(plot.y.at(value))}`);
  return html`${across}<path class="trend" d="M${from}L${to}" />`;
}

const hintOf = ({ experiment, order, value, flags = [] }: Measured) =>
  [`${experiment}, start ${numberText(order)}: ${numberText(value)}`, ...flags].join('; ');

function summaryOf({ y, runs }: RunsPanel, measured: readonly Measured[]): string {
  const flagged = runs.filter(({ flags = [] }) => flags.length > 0).length;
  const values = measured.map(({ value }) => value).sort((a, b) => a - b);
  return `${measured.length} runs in order of start; ${y.label} from ${numberText(values[0]!)} to ${numberText(values.at(-1)!)}; ${flagged} flagged.`;
}
