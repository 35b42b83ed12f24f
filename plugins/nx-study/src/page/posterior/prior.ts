import { priorsOf } from '../../comparisons/prior.ts';
import type { Prior } from '../../comparisons/prior.ts';
import { sortableTable } from '../../figures/data-table.ts';
import type { Cell, Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { intervals } from '../../figures/intervals.ts';
import { scatter } from '../../figures/scatter.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import { rangeOf } from '../../kinds/posterior/prior/metrics.ts';
import type { PriorEstimate } from '../../kinds/posterior/prior/schema.ts';
import type { MaybeSection, PageInput } from '../input.ts';
import { cellOf, drawnNote, estimateCell } from './cells.ts';
import { idealPointPriorOf } from './ideal-point.ts';
import { distributionText } from './model.ts';
import { partyRatesTable } from './party-rates.ts';
import { quantilesFigure } from './predictive.ts';
import { priorPageTexts as texts } from './prior-texts.ts';

const MOST_DRAWN = 6;

/** What each prior makes of the model, where no posterior was sampled; null for a study without such experiments. */
export function priorSection({ comparisons }: Pick<PageInput, 'comparisons'>): MaybeSection {
  const found = priorsOf(comparisons);
  if (found.length === 0) return null;
  const isBaseline = ({ alternative }: Prior) => alternative.isBaseline;
  const all = [...found.filter(isBaseline), ...found.filter((one) => !isBaseline(one))];
  const drawn = all.slice(0, MOST_DRAWN);
  return {
    id: 'prior-draws',
    title: texts.title,
    body: html`<p>${texts.meaning}</p>
      ${estimatesFigure(drawn)} ${estimatesTable(all)} ${dataTable(all)}
      ${quantilesFigure(
        drawn.flatMap(({ alternative: { name }, prior }) =>
          (prior.predictive ?? []).map(({ variable, quantiles }) => ({ title: texts.of(name, variable), quantiles })),
        ),
        texts,
      )}
      ${partiesTable(all)} ${rollcallsFigure(drawn)} ${variablesFigure(drawn)} ${drawnNote(drawn.length, all.length)}`,
  };
}

/** All quantities that one of them has, in their order. */
function estimatesOf(all: readonly Prior[]): Map<string, PriorEstimate> {
  const found = new Map<string, PriorEstimate>();
  for (const [name, one] of all.flatMap(({ prior }) => Object.entries(prior.estimates)))
    if (!found.has(name)) found.set(name, one);
  return found;
}

function estimatesFigure(drawn: readonly Prior[]): Safe | null {
  const series = [...estimatesOf(drawn)].flatMap(([name, { label, unit, description }]) => {
    const rows = drawn.flatMap(({ alternative, prior }) => {
      const one = prior.estimates[name];
      const range = one && rangeOf(one);
      return range ? [{ name: alternative.name, estimate: one.value, low: range.low, high: range.high }] : [];
    });
    return rows.length === 0
      ? []
      : [{ title: label, detail: [unit, description].filter((part) => part !== '').join('; '), rows }];
  });
  if (series.length === 0) return null;
  return intervals({
    title: texts.estimates,
    howToRead: texts.howEstimates,
    description: texts.describeEstimates,
    series,
  });
}

const estimatesTable = (all: readonly Prior[]): Safe =>
  sortableTable({
    caption: texts.estimatesTable,
    columns: [{ name: texts.quantity }, ...all.map(({ alternative: { name } }) => ({ name }))],
    rows: [...estimatesOf(all)].map(([name, { label, unit }]) => ({
      cells: [
        { value: label, ...(unit !== '' && { detail: unit }) },
        ...all.map(({ prior, derived: { reasons } }): Cell => {
          const one = prior.estimates[name];
          const range = one ? rangeOf(one) : null;
          const reason = reasonOf(reasons, `prior.estimates.${name}.value`) ?? undefined;
          return estimateCell(one?.value ?? null, range && [range.low, range.high], reason);
        }),
      ],
    })),
  });

/** Test quantities of the data that the model makes, against those of the observed data. */
function dataTable(all: readonly Prior[]): Safe | null {
  const rows = all.flatMap(({ alternative: { name, isBaseline }, prior, derived: { reasons } }) =>
    (prior.predictive ?? []).flatMap(({ variable, quantities }, index) =>
      Object.entries(quantities ?? {}).map(([quantity, { observed, replicated, p_value }]): Row => {
        const path = `prior.predictive.${index}.quantities.${quantity}`;
        const reason = reasonOf(reasons, path) ?? undefined;
        return {
          marked: isBaseline,
          cells: [
            name,
            variable,
            quantity,
            cellOf(observed),
            estimateCell(replicated.mean, replicated.eti90, reason),
            { value: p_value, reason },
          ],
        };
      }),
    ),
  );
  if (rows.length === 0) return null;
  return sortableTable({
    caption: texts.dataTable,
    columns: [
      { name: texts.experiment },
      { name: texts.variable, text: true },
      { name: texts.quantity, text: true },
      { name: texts.observed },
      { name: texts.underPrior, detail: texts.meanAnd90 },
      { name: texts.pValue, detail: texts.howPValue },
    ],
    rows,
  });
}

const partiesTable = (all: readonly Prior[]): Safe | null =>
  partyRatesTable(
    all.map(({ alternative: { name, isBaseline }, derived }) => ({
      name,
      isBaseline,
      rates: idealPointPriorOf(derived)?.prior_predictive?.by_party ?? {},
    })),
    { caption: texts.partiesTable, observed: texts.asCast, replicated: texts.underPrior, detail: texts.meanAnd90 },
  );

function rollcallsFigure(drawn: readonly Prior[]): Safe | null {
  const panels = drawn.flatMap((one) => {
    const rollcalls = idealPointPriorOf(one.derived)?.prior_rollcalls ?? [];
    if (rollcalls.length === 0) return [];
    return [
      {
        title: texts.rollcallsOf(one.alternative.name),
        x: { label: texts.asCast },
        y: { label: texts.underPrior },
        identity: true,
        points: rollcalls.map(({ rollcall, observed, replicated_mean, replicated_low, replicated_high }) => ({
          name: rollcall,
          x: observed,
          y: replicated_mean,
          yLow: replicated_low ?? undefined,
          yHigh: replicated_high ?? undefined,
        })),
      },
    ];
  });
  if (panels.length === 0) return null;
  return scatter({
    title: texts.rollcalls,
    howToRead: texts.howRollcalls,
    description: texts.describeRollcalls,
    panels,
  });
}

/** The prior of each variable of the model. */
function variablesFigure(drawn: readonly Prior[]): Safe | null {
  const names = [...new Set(drawn.flatMap(({ prior }) => prior.variables.map(({ variable }) => variable)))];
  const series = names.flatMap((variable) => {
    const rows = drawn.flatMap(({ alternative: { name }, prior }) => {
      const one = prior.variables.find((found) => found.variable === variable);
      const range = one && rangeOf(one);
      if (!range) return [];
      const median = one.quantiles?.[one.probabilities.indexOf(0.5)] ?? null;
      const title = one.prior === null ? name : texts.priorOf(name, distributionText(one.prior));
      return [{ name: title, estimate: median, low: range.low, high: range.high }];
    });
    return rows.length === 0 ? [] : [{ title: variable, rows }];
  });
  if (series.length === 0) return null;
  return intervals({
    title: texts.variables,
    howToRead: texts.howVariables,
    description: texts.describeVariables,
    series,
  });
}
