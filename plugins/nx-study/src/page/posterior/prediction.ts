import { isAbsent } from '../../base/known.ts';
import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { intervals } from '../../figures/intervals.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import { looOfEach } from '../../kinds/posterior/observations.ts';
import type { Derived, Loo } from '../../kinds/posterior/schema.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf, differenceText, errorText, withoutNote } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

type Predicted = Subject & { derived: Derived & { loo: Loo } };

/** How well each experiment predicts an observation that it has not seen, against the baseline. */
export function predictionSection(subjects: Subjects): MaybeSection {
  const { readable, pairs } = subjects;
  if (readable.length === 0) return null;
  const predicted = readable.filter((one): one is Predicted => Boolean(one.derived.loo));
  const failed = readable.flatMap(({ name, derived }) =>
    derived.loo === null ? [texts.refused(name, reasonOf(derived.reasons, 'loo') ?? texts.noReason)] : [],
  );
  const units = [...new Set(predicted.map(({ derived: { loo } }) => loo.left_out))];
  const unreliable = predicted.filter(({ derived: { loo } }) => loo.pareto_k.above > 0);
  return {
    id: 'posterior-prediction',
    title: texts.prediction,
    body: html`${units.map((unit) => html`<p>${texts.leftOut(unit)}</p>`)}
    ${
      unreliable.length === 0
        ? null
        : html`<p class="note">
            ${texts.unreliable(unreliable.map(({ name, derived: { loo } }) => texts.aboveOf(name, loo)))}
          </p>`
    }
    ${differences(pairs)} ${cautions(pairs)} ${predicted.length === 0 ? null : tableOf(predicted)}
    ${worstTable(predicted)} ${failed.map((sentence) => html`<p class="note">${sentence}</p>`)}
    ${withoutNote(subjects, ({ derived }) => derived.loo !== undefined, texts.whatLoo)}`,
  };
}

/** elpd of each experiment less that of its baseline, with 2 standard errors. */
function differences(pairs: Subjects['pairs']): Safe | null {
  const rows = pairs.map(({ candidate, compared: { prediction } }) => {
    const { name } = candidate.alternative;
    if (isAbsent(prediction)) return { name, estimate: null, low: null, high: null, reason: prediction.reason };
    const { difference, se } = prediction;
    return { name, estimate: difference, low: difference - 2 * se, high: difference + 2 * se };
  });
  if (rows.every(({ estimate }) => estimate === null)) return null;
  return intervals({
    title: texts.elpdFigure,
    howToRead: texts.howElpd,
    description: texts.describeElpd,
    series: [{ title: texts.elpdDifference, detail: texts.higherPredicts, reference: 0, rows }],
  });
}

/** Where the standard error of a difference says too little, and whether the answer hangs on observations that are not reliable. */
const cautions = (pairs: Subjects['pairs']): Safe[] =>
  pairs.flatMap(({ candidate, compared: { prediction } }) => {
    if (isAbsent(prediction)) return [];
    const { notes, without, conclusion, difference } = prediction;
    const again =
      without === null
        ? []
        : [
            texts.withoutUnreliable({
              count: without.left_out,
              isSame: without.conclusion === conclusion && Math.sign(without.difference) === Math.sign(difference),
              shown: `${differenceText(without.difference, without.se)} ${errorText(without.se)}, ${without.conclusion}`,
            }),
          ];
    return [...notes, ...again].map(
      (note) => html`<p class="note">${texts.differenceNote(candidate.alternative.name, note)}</p>`,
    );
  });

const tableOf = (predicted: readonly Predicted[]): Safe =>
  sortableTable({
    caption: texts.looTable,
    columns: [
      { name: texts.experiment },
      { name: 'elpd', detail: texts.higher },
      { name: 'se' },
      { name: 'p_loo', detail: texts.effectiveParameters },
      { name: texts.badK },
      { name: texts.worstK },
      { name: texts.smallestEss },
      { name: texts.drawsUsed },
    ],
    rows: predicted.flatMap(({ name, isBaseline, derived }) =>
      looParts(derived).map(({ variable, loo, at }): Row => ({
        marked: isBaseline,
        cells: [
          variable === null ? name : texts.ofVariable(name, variable),
          loo.elpd_loo === null
            ? { value: null, reason: reasonOf(derived.reasons, `${at}.elpd_loo`) ?? undefined }
            : loo.elpd_loo,
          cellOf(loo.se),
          cellOf(loo.p_loo),
          { value: loo.pareto_k.above, shown: texts.outsideOf(loo.pareto_k.above, loo.observations) },
          { value: loo.pareto_k.max ?? null, detail: worstItem(loo) },
          cellOf(loo.ess_min),
          loo.draws_used,
        ],
      })),
    ),
  });

/** That of all observations, and those of each observed variable where there are several. */
function looParts(derived: Predicted['derived']): { variable: string | null; loo: Loo; at: string }[] {
  const each = derived.loo_by === undefined ? [] : looOfEach(derived);
  return [
    { variable: null, loo: derived.loo, at: 'loo' },
    ...each.flatMap(({ loo, ...one }) => (loo === null ? [] : [{ ...one, loo }])),
  ];
}

/** Such as a senator and a roll call, where the worker names it. */
const worstItem = ({ pareto_k }: Loo): string | undefined => pareto_k.worst?.[0]?.item;

const MOST_WORST = 5;

/** The first of each experiment that are not reliable. */
function worstTable(predicted: readonly Predicted[]): Safe | null {
  const rows = predicted.flatMap(({ name, isBaseline, derived: { loo } }) =>
    (loo.pareto_k.worst ?? []).slice(0, MOST_WORST).map(({ item, pareto_k, elpd, p_loo, ess }): Row => ({
      marked: isBaseline,
      cells: [name, item, cellOf(pareto_k), cellOf(elpd), cellOf(p_loo), cellOf(ess)],
    })),
  );
  if (rows.length === 0) return null;
  const columns = [
    { name: texts.experiment },
    { name: texts.observation },
    { name: texts.k },
    { name: 'elpd', detail: texts.nats },
    { name: 'p_loo' },
    { name: texts.ess },
  ];
  return html`${sortableTable({ caption: texts.unreliableTable(MOST_WORST), columns, rows })}
    <p class="note">${texts.howUnreliable}</p>`;
}
