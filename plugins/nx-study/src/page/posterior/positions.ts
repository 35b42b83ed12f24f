import { isAbsent } from '../../base/known.ts';
import { listed } from '../../base/layout.ts';
import type { PosteriorPair } from '../../comparisons/posterior.ts';
import { sortableTable } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { scatter } from '../../figures/scatter.ts';
import type { PositionComparison, Shift } from '../../kinds/posterior/compare/shifts.ts';
import type { MaybeSection } from '../input.ts';
import { correlationText, drawnNote, signedText } from './cells.ts';
import { MOST_DRAWN } from './subjects.ts';
import type { Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

export interface ComparedPair {
  name: string;
  baseline: string;
  positions: PositionComparison;
}

/** Positions of each experiment against those of the baseline: whether the order stays, and who moves. */
export function positionsSection({ pairs, readable, groups }: Subjects): MaybeSection {
  if (!readable.some(({ idealPoint }) => idealPoint !== null) || pairs.length === 0) return null;
  const compared = pairs.flatMap((pair) => comparedOf(pair) ?? []);
  const drawn = compared.slice(0, MOST_DRAWN - 1);
  const refused = pairs.flatMap(({ candidate, compared: { positions } }) =>
    isAbsent(positions) ? [{ name: candidate.alternative.name, reason: positions.reason }] : [],
  );
  return {
    id: 'posterior-positions',
    title: texts.positions,
    body: html`${refused.map(({ name, reason }) => html`<p class="note">${texts.refused(name, reason)}</p>`)}
    ${drawn.length === 0 ? null : html`${agreement(drawn, groups)} ${shifts(drawn, groups)}`}
    ${drawnNote(drawn.length, compared.length)}
    ${compared.length === 0 ? null : html`${correlations(compared)} ${movers(compared)}`}`,
  };
}

const comparedOf = ({ candidate, baseline, compared: { positions } }: PosteriorPair): ComparedPair | null =>
  isAbsent(positions) ? null : { name: candidate.alternative.name, baseline: baseline.alternative.name, positions };

const agreement = (pairs: readonly ComparedPair[], groups: Subjects['groups']): Safe =>
  scatter({
    title: texts.agreement,
    howToRead: texts.howAgreement,
    description: texts.describeAgreement,
    groups,
    panels: pairs.map(({ name, baseline, positions }) => ({
      title: texts.against(name, baseline),
      detail: isAbsent(positions.correlation) ? undefined : texts.r(correlationText(positions.correlation)),
      x: { label: baseline },
      y: { label: name },
      identity: true,
      labelled: 5,
      points: positions.shifts.map((shift) => ({
        name: shift.name,
        group: shift.group,
        x: shift.baseline.mean,
        y: shift.candidate.mean,
      })),
    })),
  });

const shifts = (pairs: readonly ComparedPair[], groups: Subjects['groups']): Safe =>
  scatter({
    title: texts.whoMoves,
    howToRead: texts.howWhoMoves,
    description: texts.describeWhoMoves,
    groups,
    panels: pairs.map(({ name, baseline, positions }) => ({
      title: texts.less(name, baseline),
      detail: texts.shiftInSd,
      x: { label: texts.positionUnder(baseline) },
      y: { label: texts.shiftOverSd },
      references: { y: [-1, 0, 1] },
      labelled: 5,
      points: positions.shifts.map(({ name: item, group, baseline: own, z, shift }) => ({
        name: item,
        group,
        x: own.mean,
        y: z,
        weight: Math.abs(z ?? shift),
        ...(z === null && { reason: texts.noSd }),
      })),
    })),
  });

const correlations = (pairs: readonly ComparedPair[]): Safe => {
  const found = pairs.flatMap(({ positions }) => positions.by_group.filter((one) => !isAbsent(one.correlation)));
  const groups = [...new Set(found.map(({ group }) => group))];
  return sortableTable({
    caption: texts.correlationsTable,
    columns: [
      { name: texts.experiment },
      { name: texts.overall },
      ...groups.map((name) => ({ name: texts.within(name) })),
      { name: texts.rankCorrelation },
      { name: texts.reranked },
      { name: texts.largestReranking },
      { name: texts.meanShift },
      { name: texts.beyondMonteCarlo },
    ],
    rows: pairs.map(({ name, positions }) => ({
      cells: [
        name,
        correlationCell(positions.correlation),
        ...groups.map((group) => correlationCell(positions.by_group.find((one) => one.group === group)?.correlation)),
        correlationCell(positions.rank_correlation),
        positions.reranked.count,
        rerankingCell(positions.reranked.largest),
        positions.mean_absolute_shift,
        positions.beyond_monte_carlo === null
          ? { value: null, reason: texts.noMonteCarlo }
          : {
              value: positions.beyond_monte_carlo.shifts.length,
              detail: texts.expected(Math.round(positions.beyond_monte_carlo.expected)),
            },
      ],
    })),
  });
};

function correlationCell(value: PositionComparison['correlation'] | undefined) {
  if (value === undefined) return { value: null };
  return isAbsent(value) ? { value: null, reason: value.reason } : { value, shown: correlationText(value) };
}

const rerankingCell = (shift: Shift | null) =>
  shift === null
    ? { value: 0, shown: texts.none }
    : {
        value: Math.abs(shift.ranks.candidate - shift.ranks.baseline),
        detail: `${shift.name}: ${shift.ranks.baseline} → ${shift.ranks.candidate}`,
      };

const MOST_MOVERS = 10;

/** Those who moved the most against their uncertainty, and in words whether that is much. */
function movers(pairs: readonly ComparedPair[]): Safe {
  const rows = pairs.slice(0, MOST_DRAWN - 1).flatMap(({ name, positions }) =>
    positions.shifts
      .filter(({ z }) => z !== null)
      .toSorted((one, other) => Math.abs(other.z!) - Math.abs(one.z!))
      .slice(0, MOST_MOVERS)
      .map(({ name: item, group, shift, z, ranks, baseline, candidate }) => ({
        cells: [
          item,
          group,
          name,
          baseline.mean,
          candidate.mean,
          { value: shift, shown: signedText(shift) },
          { value: z, shown: signedText(z!) },
          { value: ranks.candidate - ranks.baseline, shown: `${ranks.baseline} → ${ranks.candidate}` },
        ],
      })),
  );
  const words = pairs.map(({ name, positions: { beyond_uncertainty: beyond } }) =>
    texts.moved(
      name,
      beyond.length,
      listed(
        beyond.map(({ name: item }) => item),
        5,
      ),
    ),
  );
  return html`<ul>
      ${words.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    ${sortableTable({
      caption: texts.moversTable(MOST_MOVERS),
      columns: [
        { name: texts.name },
        { name: texts.party, text: true },
        { name: texts.experiment, text: true },
        { name: texts.underBaseline },
        { name: texts.underExperiment },
        { name: texts.shift },
        { name: texts.shiftOverSd },
        { name: texts.rank },
      ],
      rows,
    })}`;
}
