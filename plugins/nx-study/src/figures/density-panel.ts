import { max } from 'd3-array';
import { area, curveStepAfter, line } from 'd3-shape';
import { isDrawn, type AxisWords } from './axis.ts';
import { binsOf, stepsOf, type Step } from './distribution.ts';
import type { Caption } from './figure.ts';
import { html, type Safe } from './html.ts';
import { median } from '../base/quantile.ts';
import { numberText } from './numbers.ts';
import { drawing, gridOf, heightOf, plotOf, referenceUp, type Plot } from './plot.ts';
import type { Sign } from './signs.ts';

export interface DensityDrawing {
  caption: Caption;
  title: string;
  x: AxisWords;
  references?: readonly number[] | undefined;
  drawn: readonly { name: string; values: readonly number[] }[];
  kind: 'histogram' | 'ecdf';
  signs: ReadonlyMap<string, Sign>;
}

interface Curve {
  name: string;
  steps: Step[];
}

/** One panel of `density`: one path for each distribution. */
export function drawDensity({ caption, title, x, references = [], drawn, kind, signs }: DensityDrawing): Safe {
  const curves = kind === 'histogram' ? histograms(drawn, x) : functions(drawn);
  const lines = references.filter((value) => isDrawn(value, x.scale));
  const along = [...curves.flatMap(({ steps }) => steps.map(({ value }) => value)), ...lines];
  const highest = max(curves, ({ steps }) => max(steps, ({ share }) => share)!)!;
  const upright = { label: kind === 'histogram' ? 'share of the values' : 'share at most this' };
  const plot = plotOf({
    x: { ...x, values: along },
    y: { ...upright, values: [0, kind === 'histogram' ? highest : 1] },
    height: 130,
    right: 2,
  });
  return drawing({
    caption,
    panel: title,
    summary: `${x.label}: ${drawn.map(summaryOf).join('; ')}.`,
    height: heightOf(plot),
    body: html`${gridOf(plot, x, upright)}${lines.map((value) => referenceUp(plot.x.at(value), plot.top, plot.bottom))}${curves.map(
      (curve) => pathsOf(curve, { plot, sign: signs.get(curve.name)!, filled: kind === 'histogram' }),
    )}`,
  });
}

/** The outline of the bins: it falls to 0 at both ends. */
function histograms(drawn: DensityDrawing['drawn'], { scale }: AxisWords): Curve[] {
  return binsOf(
    drawn.map(({ values }) => values),
    scale,
  ).map((bins, index) => {
    const { name, values } = drawn[index]!;
    const steps = bins.map(({ low, count }) => ({ value: low, share: count / values.length }));
    return { name, steps: [{ value: bins[0]!.low, share: 0 }, ...steps, { value: bins.at(-1)!.high, share: 0 }] };
  });
}

const functions = (drawn: DensityDrawing['drawn']): Curve[] =>
  drawn.map(({ name, values }) => {
    const steps = stepsOf(values);
    return { name, steps: [{ value: steps[0]!.value, share: 0 }, ...steps] };
  });

function pathsOf({ steps }: Curve, { plot, sign, filled }: { plot: Plot; sign: Sign; filled: boolean }): Safe {
  const [x, y] = [({ value }: Step) => plot.x.at(value), ({ share }: Step) => plot.y.at(share)];
  const outline = line<Step>(x, y).curve(curveStepAfter).digits(1)(steps);
  const below = filled ? area<Step>(x, plot.bottom, y).curve(curveStepAfter).digits(1)(steps) : null;
  return html`${below === null ? null : html`<path class="band c${sign.tone}" d="${below}" />`}<path
      class="mark line c${sign.tone} d${sign.shape % 4}"
      d="${outline}"
    /> `;
}

const summaryOf = ({ name, values }: { name: string; values: readonly number[] }) =>
  `${name}, ${values.length} values, median ${numberText(median(values))}`;
