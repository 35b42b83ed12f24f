import { sortableTable } from '../../figures/data-table.ts';
import type { Cell, Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import type { LinesPanel } from '../../figures/lines.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import type { Predictive } from '../../kinds/posterior/checks-schema.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf, drawnNote, estimateCell } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { predictiveTexts as texts } from './predictive-texts.ts';

interface Checked {
  subject: Subject;
  /** Within the list of observed variables. */
  index: number;
  one: Predictive;
}

/** Whether the model could have made the data, by test quantities, quantiles and LOO-PIT of each observed variable; only where a worker derives that. */
export function predictiveSection({ readable, drawn }: Subjects): MaybeSection {
  const all = readable.flatMap(checkedOf);
  if (all.length === 0) return null;
  const shown = drawn.flatMap(checkedOf);
  const without = all.flatMap(({ subject, index, one }) => {
    const reason = reasonOf(subject.derived.reasons, `predictive.${index}.loo_pit`);
    return one.loo_pit === null && reason !== null ? [texts.noPit(titleOf(subject, one), reason)] : [];
  });
  return {
    id: 'posterior-predictive',
    title: texts.title,
    body: html`${quantitiesTable(all)} ${pitFigure(shown)}
    ${quantilesFigure(
      shown.map(({ subject, one }) => ({ title: titleOf(subject, one), quantiles: one.quantiles })),
      texts,
    )}
    ${drawnNote(drawn.length, readable.length)} ${without.map((sentence) => html`<p class="note">${sentence}</p>`)}`,
  };
}

const checkedOf = (subject: Subject): Checked[] =>
  (subject.derived.predictive ?? []).map((one, index) => ({ subject, index, one }));

const titleOf = ({ name }: Subject, { variable }: Predictive): string => texts.of(name, variable);

const quantitiesTable = (all: readonly Checked[]): Safe =>
  sortableTable({
    caption: texts.quantitiesTable,
    columns: [
      { name: texts.experiment },
      { name: texts.variable, text: true },
      { name: texts.quantity, text: true },
      { name: texts.observed },
      { name: texts.replicated, detail: texts.meanAnd90 },
      { name: texts.pValue, detail: texts.howPValue },
      { name: texts.underPrior, detail: texts.meanAnd90 },
    ],
    rows: all.flatMap(rowsOf),
  });

function rowsOf({ subject, index, one }: Checked): Row[] {
  const { reasons } = subject.derived;
  const path = `predictive.${index}`;
  const known = one.quantities ?? one.prior?.quantities;
  if (known === undefined || known === null) {
    const cells = [subject.name, one.variable, { value: null, reason: reasonOf(reasons, path) ?? undefined }];
    return [{ marked: subject.isBaseline, cells: [...cells, null, null, null, null] }];
  }
  return Object.entries(known).map(([name, { observed }]) => {
    const found = one.quantities?.[name];
    return {
      marked: subject.isBaseline,
      cells: [
        subject.name,
        one.variable,
        name,
        cellOf(observed),
        replicatedCell(found, reasonOf(reasons, `${path}.quantities.${name}`)),
        { value: found?.p_value ?? null, reason: reasonOf(reasons, `${path}.quantities.${name}.p_value`) ?? undefined },
        replicatedCell(one.prior?.quantities?.[name], reasonOf(reasons, `${path}.prior.quantities.${name}`)),
      ],
    };
  });
}

type Quantity = NonNullable<Predictive['quantities']>[string];

const replicatedCell = (found: Quantity | undefined, reason: string | null): Cell =>
  estimateCell(found?.replicated.mean ?? null, found?.replicated.eti90 ?? null, reason ?? undefined);

/** The ECDF of the places of observations less the uniform one, beside its simultaneous band. */
function pitFigure(shown: readonly Checked[]): Safe | null {
  const panels = shown.flatMap(({ subject, one }): LinesPanel[] => {
    const pit = one.loo_pit;
    if (pit === null) return [];
    return [
      {
        title: titleOf(subject, one),
        detail: texts.outsideBand(pit.outside, pit.points.length, pit.observations),
        x: { label: texts.place },
        y: { label: texts.ecdfDifference },
        references: { y: [0] },
        series: [
          {
            name: texts.pit,
            points: pit.points.map((x, at) => ({
              x,
              y: pit.difference[at] ?? null,
              flags: isOutside(pit, at) ? [texts.outside] : [],
            })),
          },
          {
            name: texts.uniform,
            points: pit.points.map((x, at) => ({ x, y: 0, low: pit.low[at], high: pit.high[at] })),
          },
        ],
      },
    ];
  });
  if (panels.length === 0) return null;
  return lines({ title: texts.pitFigure, howToRead: texts.howPit, description: texts.describePit, panels });
}

function isOutside({ difference, low, high }: NonNullable<Predictive['loo_pit']>, at: number): boolean {
  const value = difference[at] ?? 0;
  return value < (low[at] ?? -1) || value > (high[at] ?? 1);
}

interface Quantiles {
  title: string;
  quantiles: Predictive['quantiles'];
}

type QuantilesWords = Pick<
  typeof texts,
  | 'quantilesFigure'
  | 'howQuantiles'
  | 'describeQuantiles'
  | 'probability'
  | 'quantile'
  | 'observedData'
  | 'replicatedData'
>;

/** Quantiles of the observed data against those of replicated ones. */
export function quantilesFigure(shown: readonly Quantiles[], words: QuantilesWords): Safe | null {
  const panels = shown.flatMap(({ title, quantiles }): LinesPanel[] => {
    if (quantiles === null) return [];
    const { probabilities, observed, replicated_median, replicated_low, replicated_high } = quantiles;
    return [
      {
        title,
        x: { label: words.probability },
        y: { label: words.quantile },
        series: [
          { name: words.observedData, points: probabilities.map((x, at) => ({ x, y: observed[at] ?? null })) },
          {
            name: words.replicatedData,
            points: probabilities.map((x, at) => ({
              x,
              y: replicated_median[at] ?? null,
              low: replicated_low[at],
              high: replicated_high[at],
            })),
          },
        ],
      },
    ];
  });
  if (panels.length === 0) return null;
  return lines({
    title: words.quantilesFigure,
    howToRead: words.howQuantiles,
    description: words.describeQuantiles,
    panels,
  });
}
