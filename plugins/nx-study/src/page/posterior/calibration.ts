import { momentsOf } from '../../analysis/moments.ts';
import { isAbsent } from '../../base/known.ts';
import { calibrationsOf } from '../../comparisons/calibration.ts';
import { sortableTable } from '../../figures/data-table.ts';
import type { Cell, Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import type { QuantitySummary } from '../../kinds/posterior/calibration/summary.ts';
import type { MaybeSection, PageInput } from '../input.ts';
import { differenceFigure, histogramFigure, leastUniform, pText, scatterFigure } from './calibration-figures.ts';
import type { Simulated } from './calibration-figures.ts';
import { calibrationPageTexts as texts } from './calibration-texts.ts';
import { percentText } from './cells.ts';

const MOST_DRAWN = 4;
const MOST_FLAGGED = 50;

/** Whether simulated fits say that the draws are those of the posterior; null for a study without. */
export function calibrationSection({ comparisons }: Pick<PageInput, 'comparisons'>): MaybeSection {
  const all = calibrationsOf(comparisons);
  if (all.length === 0) return null;
  const readable = all.flatMap(({ alternative: { name }, summary }) => (isAbsent(summary) ? [] : [{ name, summary }]));
  const refused = all.flatMap(({ alternative: { name }, summary }) =>
    isAbsent(summary) ? [texts.notCounted(name, summary.reason)] : [],
  );
  const drawn = readable.slice(0, MOST_DRAWN);
  return {
    id: 'posterior-calibration',
    title: texts.title,
    body: html`<p>${texts.meaning}</p>
      ${refused.map((sentence) => html`<p class="note">${sentence}</p>`)} ${drawn.map(figuresOf)}
      ${
        drawn.length < readable.length
          ? html`<p class="note">${texts.experimentsShown(drawn.length, readable.length)}</p>`
          : null
      }
      ${
        readable.length === 0
          ? null
          : html`${tableOf(readable)}
              <p class="note">${texts.howTable}</p>`
      }
      ${flaggedTable(readable)}`,
  };
}

function figuresOf(one: Simulated): Safe {
  const { name, summary } = one;
  const known = summary.quantities.filter(({ test }) => !isAbsent(test)).length;
  const shown = leastUniform(summary).length;
  return html`${differenceFigure(one)} ${histogramFigure(one)} ${scatterFigure(one)}
  ${shown < known ? html`<p class="note">${texts.shown(shown, known, name)}</p>` : null}`;
}

const tableOf = (readable: readonly Simulated[]): Safe =>
  sortableTable({
    caption: texts.table,
    columns: [
      { name: texts.quantity },
      { name: texts.experiment, text: true },
      { name: texts.verdict, text: true },
      { name: texts.p, detail: texts.pDetail },
      { name: texts.corrected, detail: texts.correctedDetail },
      { name: texts.fits },
      ...levelsOf(readable).map((level) => ({ name: texts.covered(level), detail: texts.coveredDetail })),
      { name: texts.meanZ },
      { name: texts.sdZ },
      { name: texts.contraction, detail: texts.contractionDetail },
    ],
    rows: readable.flatMap(({ name, summary }) =>
      summary.quantities.map((one) => rowOf(one, name, levelsOf(readable))),
    ),
  });

const levelsOf = (readable: readonly Simulated[]): number[] =>
  [...new Set(readable.flatMap(({ summary }) => summary.coverage.map(({ level }) => level)))].toSorted((a, b) => a - b);

function rowOf(quantity: QuantitySummary, experiment: string, levels: readonly number[]): Row {
  const { name, test, p_adjusted, verdict, coverage, values } = quantity;
  const z = values.z.filter((one) => one !== null);
  const contraction = values.contraction.filter((one) => one !== null);
  return {
    cells: [
      name,
      experiment,
      texts.verdicts[verdict],
      pCell(isAbsent(test) ? null : test.p, isAbsent(test) ? test.reason : undefined),
      pCell(p_adjusted),
      isAbsent(test) ? 0 : test.n,
      ...levels.map((level) => coverageCell(coverage.find((one) => one.level === level))),
      fixedCell(z.length > 0 ? momentsOf(z).mean : null),
      fixedCell(z.length > 1 ? momentsOf(z).sd : null),
      fixedCell(contraction.length > 0 ? momentsOf(contraction).mean : null),
    ],
  };
}

const pCell = (value: number | null, reason?: string): Cell =>
  value === null ? { value, reason } : { value, shown: pText(value) };

const fixedCell = (value: number | null): Cell => (value === null ? { value } : { value, shown: value.toFixed(2) });

function coverageCell(found: QuantitySummary['coverage'][number] | undefined): Cell {
  if (found === undefined || found.interval === null) return { value: null };
  const { hits, of, interval } = found;
  const [low, high] = interval.map((share) => percentText(share));
  return { value: hits / of, shown: percentText(hits / of), detail: `${low} – ${high}` };
}

function flaggedTable(readable: readonly Simulated[]): Safe | null {
  const rows = readable.flatMap(({ name, summary }) =>
    summary.fits.filter(({ flags }) => flags.length > 0).map((fit) => ({ name, fit })),
  );
  if (rows.length === 0) return null;
  const shown = rows.slice(0, MOST_FLAGGED);
  return html`${sortableTable({
    caption: texts.flagged,
    columns: [
      { name: texts.fits },
      { name: texts.experiment, text: true },
      { name: texts.rhat },
      { name: texts.ess },
      { name: texts.divergences },
      { name: texts.flags, text: true },
    ],
    rows: shown.map(({ name, fit }) => ({
      cells: [
        texts.fit(fit.index),
        name,
        fixedCell(fit.rhat_max),
        fit.ess_min === null ? null : Math.round(fit.ess_min),
        fit.divergences,
        fit.flags.join('; '),
      ],
    })),
  })}
  ${shown.length < rows.length ? html`<p class="note">${texts.flaggedShown(shown.length, rows.length, 'samples.parquet')}</p>` : null}`;
}
