import { isAbsent } from '../../base/known.ts';
import { pointwiseBand } from '../../analysis/simultaneous-band.ts';
import type { RankTest } from '../../analysis/uniform-ranks.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import { ranks } from '../../figures/ranks.ts';
import { scatter } from '../../figures/scatter.ts';
import type { CalibrationSummary, QuantitySummary } from '../../kinds/posterior/calibration/summary.ts';
import { calibrationPageTexts as texts } from './calibration-texts.ts';

/** An experiment whose fits can be counted. */
export interface Simulated {
  name: string;
  summary: CalibrationSummary;
}

const MOST_PANELS = 12;
const MOST_SCATTERED = 4;
const MOST_FITS = 250;
/** About so many points of a curve are drawn, and the one that is farthest from the expected. */
const MOST_POINTS = 33;

type Tested = QuantitySummary & { test: RankTest };

/** The quantities that figures show. */
export const leastUniform = ({ quantities }: CalibrationSummary, most = MOST_PANELS): Tested[] =>
  quantities
    .filter((one): one is Tested => !isAbsent(one.test))
    .toSorted((one, other) => one.test.p - other.test.p)
    .slice(0, most);

/** A p value as text. */
export const pText = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

/** Cumulative shares of ranks less the expected, with the band for the whole curve. */
export const differenceFigure = ({ name, summary }: Simulated): Safe =>
  lines({
    title: texts.difference(name),
    howToRead: texts.howDifference(summary.quantities.length),
    description: texts.describeDifference,
    panels: leastUniform(summary).map((one) => ({
      title: one.name,
      detail: texts.pOf(pText(one.test.p), texts.verdicts[one.verdict]),
      x: { label: texts.rankAxis },
      y: { label: texts.shareAxis },
      references: { y: [0] },
      series: [
        {
          name: texts.curve,
          isPlain: true,
          points: drawnPoints(one.test).map(({ expected, difference, low, high }) => ({
            x: expected,
            y: difference,
            low,
            high,
          })),
        },
      ],
    })),
  });

/** Evenly chosen points; always the one that is nearest to the band or farthest outside, so that none is hidden. */
function drawnPoints({ points }: RankTest): RankTest['points'] {
  const step = Math.max(1, Math.round(points.length / MOST_POINTS));
  const beyond = ({ difference, low, high }: RankTest['points'][number]) =>
    Math.max(difference - high, low - difference);
  const farthest = points.reduce((most, point) => (beyond(point) > beyond(most) ? point : most), points[0]!);
  return points.filter((point, index) => index % step === 0 || index === points.length - 1 || point === farthest);
}

/** Bars of ranks; nothing where the possible ranks can't be divided into equal bins with a few fits each. */
export function histogramFigure({ name, summary }: Simulated): Safe | null {
  const { draws } = summary;
  const shown = leastUniform(summary);
  const fits = Math.min(...shown.map(({ test }) => test.n));
  const bins = binsFor(draws + 1, fits);
  if (shown.length === 0 || bins === null) return null;
  const { low, high } = pointwiseBand(fits, [1 / bins], 0.01);
  return ranks({
    title: texts.histograms(name),
    howToRead: texts.howHistograms,
    description: texts.describeHistograms,
    words: texts.rankWords,
    panels: shown.map((one) => ({
      title: one.name,
      expected: fits / bins,
      band: { low: low[0]!, high: high[0]! },
      chains: [{ name: texts.rankRow(one.test.n, draws), counts: countsOf(one, draws + 1, bins) }],
    })),
  });
}

const MOST_BINS = 20;
const FEWEST_IN_BIN = 4;

/** Equal bins of `values` possible ranks, with at least 4 fits expected in each: Talts et al. (2018) take few wide bins. */
function binsFor(values: number, fits: number): number | null {
  for (let bins = Math.min(MOST_BINS, Math.floor(fits / FEWEST_IN_BIN)); bins > 1; bins -= 1)
    if (values % bins === 0) return bins;
  return null;
}

function countsOf({ values }: QuantitySummary, possible: number, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const rank of values.rank) if (rank !== null) counts[Math.floor((rank * bins) / possible)]! += 1;
  return counts;
}

/** Of the quantities with a contraction: the z-score of each fit. */
export function scatterFigure({ name, summary }: Simulated): Safe | null {
  const known = leastUniform(summary, Infinity).filter(({ values }) => values.contraction.some((one) => one !== null));
  if (known.length === 0) return null;
  const { fits } = summary;
  return scatter({
    title: texts.scatter(name),
    howToRead: texts.howScatter,
    description: texts.describeScatter,
    panels: known.slice(0, MOST_SCATTERED).map(({ name: quantity, values, verdict }) => ({
      title: quantity,
      detail: fits.length > MOST_FITS ? texts.firstFits(MOST_FITS, fits.length) : texts.verdicts[verdict],
      x: { label: texts.contractionAxis },
      y: { label: texts.zAxis },
      references: { y: [-2, 0, 2] },
      labelled: 0,
      points: fits.slice(0, MOST_FITS).map(({ index, flags }, at) => ({
        name: texts.fit(index),
        x: values.contraction[at] ?? null,
        y: values.z[at] ?? null,
        flags,
      })),
    })),
  });
}
