import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { intervals } from '../../figures/intervals.ts';
import type { IntervalRow } from '../../figures/intervals.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import type { Derived } from '../../kinds/posterior/schema.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote, withoutNote } from './cells.ts';
import { withNameOf } from './ideal-point.ts';
import { distributionText } from './model.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

type Prior = NonNullable<Derived['priors']>[number];

/** How far the data moved each variable from its prior. */
export function priorsSection(subjects: Subjects): MaybeSection {
  const { drawn, readable } = subjects;
  if (readable.length === 0) return null;
  const variables = [...new Set(drawn.flatMap(({ derived }) => derived.priors?.map(({ variable }) => variable) ?? []))];
  const series = variables.map((variable) => ({
    title: variable,
    detail: texts.medianAnd90,
    rows: drawn.flatMap(({ name, derived }) => {
      const prior = derived.priors?.find((one) => one.variable === variable);
      return prior === undefined ? [] : rowsOf(name, prior);
    }),
  }));
  const shown = drawn.filter(({ derived }) => derived.priors !== undefined).length;
  return {
    id: 'posterior-priors',
    title: texts.priors,
    body: html`${
      series.length === 0
        ? null
        : intervals({
            title: texts.priorsFigure,
            howToRead: texts.howPriors,
            description: texts.describePriors,
            groups: [
              { name: texts.prior, tone: NEITHER },
              { name: texts.posterior, tone: 1 },
            ],
            series,
          })
    }
    ${readable.flatMap(({ name, derived }) => {
      const reason = reasonOf(derived.reasons, 'priors');
      return reason === null ? [] : html`<p class="note">${texts.noPriors(name, reason)}</p>`;
    })}
    ${overlapTable(readable)} ${drawnNote(shown, readable.filter(({ derived }) => derived.priors !== undefined).length)}
    ${withoutNote(subjects, ({ derived }) => derived.priors !== undefined, texts.whatPriors)}`,
  };
}

/** Overlap of prior and posterior; only where a worker derives that. */
function overlapTable(readable: readonly Subject[]): Safe | null {
  const rows = readable.flatMap(({ name, isBaseline, derived, idealPoint }) =>
    Object.entries(derived.overlap ?? {}).map(([variable, found]): Row => {
      const first = [name, variable];
      if (found === null) {
        const reason = reasonOf(derived.reasons, `overlap.${variable}`) ?? undefined;
        return { marked: isBaseline, cells: [...first, { value: null, reason }, null, null, null] };
      }
      const { elements, above, mean, min, max, limit } = found;
      return {
        marked: isBaseline,
        cells: [
          ...first,
          mean,
          { value: min.overlap, detail: withNameOf(min.item, idealPoint) },
          { value: max.overlap, detail: withNameOf(max.item, idealPoint) },
          { value: above, shown: texts.outsideOf(above, elements), detail: texts.aboveLimit(limit) },
        ],
      };
    }),
  );
  if (rows.length === 0) return null;
  return html`${sortableTable({
      caption: texts.overlapTable,
      columns: [
        { name: texts.experiment },
        { name: texts.variable, text: true },
        { name: texts.overlapMean },
        { name: texts.lowest },
        { name: texts.highest },
        { name: texts.learnedLittle },
      ],
      rows,
    })}
    <p class="note">${texts.howOverlap}</p>`;
}

const NEITHER = 6;

function rowsOf(name: string, { prior, probabilities, prior_quantiles, posterior_quantiles }: Prior): IntervalRow[] {
  const at = (quantiles: readonly number[], probability: number) =>
    quantiles[probabilities.indexOf(probability)] ?? null;
  const row = (title: string, group: string, quantiles: readonly number[]): IntervalRow => ({
    name: title,
    group,
    estimate: at(quantiles, 0.5),
    low: at(quantiles, 0.05),
    high: at(quantiles, 0.95),
  });
  return [
    row(texts.priorOf(name, distributionText(prior)), texts.prior, prior_quantiles),
    row(texts.posteriorOf(name), texts.posterior, posterior_quantiles),
  ];
}
