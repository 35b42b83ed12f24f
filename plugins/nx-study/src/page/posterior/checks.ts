import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { numberText } from '../../figures/numbers.ts';
import { scatter } from '../../figures/scatter.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf, drawnNote, shareCell, withoutNote } from './cells.ts';
import type { IdealPoint } from './ideal-point.ts';
import { partyRatesTable } from './party-rates.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

type Checked = Subject & { idealPoint: IdealPoint };

/** Whether the model could have made the data: shares of right predictions, and votes that it would have cast. */
export function checksSection(subjects: Subjects): MaybeSection {
  const all = subjects.readable.filter((one): one is Checked => one.idealPoint !== null);
  if (all.length === 0) return null;
  const fitted = all.filter(({ idealPoint: { fit } }) => fit !== null);
  const checked = all.filter(({ idealPoint: { predictive } }) => predictive !== null);
  const drawn = checked.slice(0, subjects.drawn.length);
  return {
    id: 'posterior-checks',
    title: texts.checks,
    body: html`${fitted.length === 0 ? null : fitTable(fitted)}
    ${
      checked.length === 0
        ? null
        : html`${partiesFigure(drawn, subjects.groups)} ${drawnNote(drawn.length, checked.length)} ${ratesFigure(drawn)}
          ${worstTable(checked[0]!)}`
    }
    ${priorTable(all)} ${all.map((one) => refusedNote(one))}
    ${withoutNote(
      subjects,
      (one) => one.idealPoint === null || one.idealPoint.predictive !== null || whyNot(one) !== null,
      texts.whatPredictive,
    )}`,
  };
}

/** Why there are no predictive checks, where the worker says it. */
const whyNot = ({ derived, idealPoint }: Subject): string | null =>
  idealPoint?.predictive === null ? reasonOf(derived.reasons, 'sections.ideal-point.predictive') : null;

function refusedNote(subject: Subject): Safe | null {
  const reason = whyNot(subject);
  return reason === null ? null : html`<p class="note">${texts.noPredictive(subject.name, reason)}</p>`;
}

const fitTable = (fitted: readonly Checked[]): Safe =>
  sortableTable({
    caption: texts.fitTable,
    columns: [
      { name: texts.experiment },
      { name: texts.correctShare },
      { name: texts.majorityShare },
      { name: 'APRE' },
      { name: texts.outsideMembers },
      { name: texts.outsideRollcalls },
    ],
    rows: fitted.map(({ name, isBaseline, idealPoint: { fit, predictive } }): Row => ({
      marked: isBaseline,
      cells: [
        name,
        { ...shareCell(fit!.correct_share), detail: monteCarlo(fit!.mcse?.correct_share, 100, ' %') },
        shareCell(fit!.majority_share),
        { ...cellOf(fit!.apre), detail: monteCarlo(fit!.mcse?.apre) },
        outsideCell(predictive?.legislators),
        outsideCell(predictive?.rollcalls),
      ],
    })),
  });

/** These numbers have no draws of their own, and so no interval. */
const monteCarlo = (error: number | null | undefined, factor = 1, unit = ''): string | undefined =>
  error === null || error === undefined ? undefined : texts.monteCarlo(`${numberText(factor * error, 1)}${unit}`);

const outsideCell = (found: { count: number; outside_eti90: number } | undefined) =>
  found === undefined
    ? { value: null }
    : { value: found.outside_eti90, shown: texts.outsideOf(found.outside_eti90, found.count) };

/** The share of each party's votes for the side that is coded as 1: as cast, and as the model would have cast them. */
const partiesFigure = (drawn: readonly Checked[], groups: Subjects['groups']): Safe =>
  scatter({
    title: texts.replicated,
    howToRead: texts.howReplicated,
    description: texts.describeReplicated,
    groups,
    panels: drawn.map(({ name, idealPoint: { predictive } }) => ({
      title: name,
      x: { label: texts.observedShare },
      y: { label: texts.replicatedShare },
      identity: true,
      points: Object.entries(predictive!.by_party).map(([party, one]) => ({
        name: party,
        group: party,
        x: one.observed_share,
        y: one.replicated_mean,
        yLow: one.replicated_eti90?.[0],
        yHigh: one.replicated_eti90?.[1],
      })),
    })),
  });

/** Of every roll call. */
function ratesFigure(drawn: readonly Checked[]): Safe | null {
  const panels = drawn.flatMap(({ name, idealPoint: { predictive, rollcalls } }) => {
    const rates = predictive?.rates?.rollcall;
    if (!rates || rollcalls === null || rollcalls.length !== rates.observed.length) return [];
    return [
      {
        title: texts.ratesOf(name),
        x: { label: texts.observedShare },
        y: { label: texts.replicatedShare },
        identity: true,
        points: rollcalls.map(({ rollcall }, at) => ({
          name: rollcall,
          x: rates.observed[at] ?? null,
          y: rates.replicated_mean[at] ?? null,
          yLow: rates.replicated_low[at] ?? undefined,
          yHigh: rates.replicated_high[at] ?? undefined,
        })),
      },
    ];
  });
  if (panels.length === 0) return null;
  return scatter({ title: texts.rates, howToRead: texts.howRates, description: texts.describeRates, panels });
}

/** What the prior alone would make of each party's votes. */
const priorTable = (all: readonly Checked[]): Safe | null =>
  partyRatesTable(
    all.map(({ name, isBaseline, idealPoint: { prior_predictive } }) => ({
      name,
      isBaseline,
      rates: prior_predictive?.by_party ?? {},
    })),
    { caption: texts.priorRatesTable, observed: texts.observedShare, replicated: texts.replicatedShare },
  );

const MOST_WORST = 10;

/** Roll calls that the model predicts worst; their shares stand in the order of the list of roll calls. */
function worstTable({ name, idealPoint: { predictive, rollcalls } }: Checked): Safe | null {
  const shares = predictive!.correct_share.rollcall;
  if (rollcalls === null || rollcalls.length !== shares.length) return null;
  const worst = rollcalls
    .flatMap((rollcall, index) => (shares[index] === null ? [] : [{ ...rollcall, share: shares[index]! }]))
    .toSorted((one, other) => one.share - other.share)
    .slice(0, MOST_WORST);
  return sortableTable({
    caption: texts.worstTable(worst.length, name),
    columns: [
      { name: texts.rollcall },
      { name: texts.correctShare },
      { name: texts.discrimination },
      { name: texts.difficulty },
      { name: texts.recoded, text: true },
    ],
    rows: worst.map(({ rollcall, share, recoded, aligned: { alpha, beta } }) => ({
      cells: [rollcall, shareCell(share), cellOf(beta.mean), cellOf(alpha.mean), recoded ? texts.yes : texts.no],
    })),
  });
}
