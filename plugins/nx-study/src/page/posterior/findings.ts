import { isAbsent } from '../../base/known.ts';
import { listed } from '../../base/layout.ts';
import { withRange } from '../../comparisons/format.ts';
import type { PosteriorPair } from '../../comparisons/posterior.ts';
import { sortableTable } from '../../figures/data-table.ts';
import type { Cell, Column, Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import { numberText, typeset } from '../../figures/numbers.ts';
import type { PositionComparison } from '../../kinds/posterior/compare/shifts.ts';
import type { MaybeSection } from '../input.ts';
import { cellOf, correlationText, differenceText, errorText, estimateCell, percentText, signedText } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** The most important numbers in sentences, and each experiment against the baseline in one table. */
export function findingsSection(subjects: Subjects): MaybeSection {
  const { all, readable, pairs } = subjects;
  const unreadable = all.flatMap(({ alternative, derived }) =>
    isAbsent(derived) ? [texts.unreadable(alternative.name, derived.reason)] : [],
  );
  return {
    id: 'posterior-findings',
    title: texts.findings,
    body: html`<ul>
        ${[...sentencesOf(subjects), ...unreadable].map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
      ${readable.length === 0 ? null : tableOf(readable, pairs)}
      ${pairs.length === 0 ? null : html`<p class="note">${texts.howDifferences}</p>`}`,
  };
}

function sentencesOf({ readable }: Subjects): string[] {
  const [first] = readable;
  if (first === undefined) return [];
  const estimates = Object.entries(first.derived.estimates ?? {});
  return [
    ...estimates
      .filter(([, { main, mean }]) => main && mean !== null)
      .map(([name, { label, mean, eti90, unit }]) => {
        const means = readable.flatMap(({ derived }) => derived.estimates?.[name]?.mean ?? []);
        const own = typeset(eti90 === null ? numberText(mean!) : withRange(mean!, ...eti90));
        const range = means.length < 2 ? null : [Math.min(...means), Math.max(...means)].map(fourDigits).join(' to ');
        return texts.estimate({ label, own, unit, name: first.name, range, count: means.length });
      }),
    ...mostMoved(readable),
    ...fits(readable),
  ];
}

const fourDigits = (value: number): string => numberText(value, 4);

/** Between parties, and how many votes are classified; only where a worker derives that. */
function fits(readable: readonly Subject[]): string[] {
  const shares = readable.flatMap(({ idealPoint }) => idealPoint?.fit?.correct_share ?? []);
  const between = readable.flatMap(({ derived }) => derived.estimates?.['party_variance_share']?.mean ?? []);
  return [
    ...(between.length > 0 ? [texts.between(rangeOf(between))] : []),
    ...(shares.length > 0 ? [texts.classified(rangeOf(shares))] : []),
  ];
}

function rangeOf(shares: readonly number[]): string {
  const ends = [...new Set([Math.min(...shares), Math.max(...shares)].map(percentText))];
  return ends.join(' to ');
}

/** The first experiment's ends of the scale. */
function mostMoved(readable: readonly Subject[]): string[] {
  const positions = readable[0]!.idealPoint?.positions.filter(({ aligned }) => aligned.mean !== null) ?? [];
  if (positions.length < 2) return [];
  const sorted = positions.toSorted((one, other) => one.aligned.mean! - other.aligned.mean!);
  const words = (list: typeof sorted) =>
    listed(
      list.map(({ name, party }) => `${name} (${party})`),
      3,
    );
  return [texts.ends(words(sorted.slice(0, 3)), words(sorted.slice(-3).toReversed()), readable[0]!.name)];
}

function tableOf(readable: readonly Subject[], pairs: readonly PosteriorPair[]) {
  const main = new Map(
    readable.flatMap(({ derived }) => Object.entries(derived.estimates ?? {}).filter(([, one]) => one.main)),
  );
  const hasPositions = readable.some(({ idealPoint }) => idealPoint !== null);
  const columns: Column[] = [
    { name: texts.experiment },
    ...[...main.values()].map(({ label, unit }) => ({ name: `Δ ${label}`, ...(unit !== '' && { detail: unit }) })),
    ...(hasPositions
      ? [{ name: texts.movedMore }, { name: texts.largestShift }, { name: texts.correlation }, { name: texts.reranked }]
      : []),
    { name: texts.elpdDifference },
    ...[...main.values()].map(({ label, unit }) => ({ name: label, ...(unit !== '' && { detail: unit }) })),
  ];
  return sortableTable({
    caption: texts.findingsTable,
    columns,
    rows: readable.map((subject): Row => {
      const pair = pairs.find(({ candidate }) => candidate === subject.posterior);
      return {
        marked: subject.isBaseline,
        cells: [
          subject.isBaseline ? `${subject.name} (${texts.baseline})` : subject.name,
          ...[...main.keys()].map((name) => differenceCell(pair, name, subject)),
          ...(hasPositions ? positionCells(pair, subject) : []),
          elpdCell(pair, subject),
          ...[...main.keys()].map((name) => {
            const estimate = subject.derived.estimates?.[name];
            return estimateCell(estimate?.mean ?? null, estimate?.eti90 ?? null);
          }),
        ],
      };
    }),
  });
}

function differenceCell(pair: PosteriorPair | undefined, name: string, subject: Subject): Cell {
  if (pair === undefined) return notCompared(subject);
  const { estimates } = pair.compared;
  if (isAbsent(estimates)) return { value: null, reason: estimates.reason };
  const found = estimates.find((one) => one.name === name);
  if (found === undefined || isAbsent(found.difference)) return cellOf(found?.difference);
  const { difference, mcse, conclusion } = found;
  if (isAbsent(mcse)) return { value: difference, shown: signedText(difference), detail: mcse.reason };
  return {
    value: difference,
    shown: `${differenceText(difference, mcse)} ${errorText(mcse)}`,
    detail: conclusion,
  };
}

const notCompared = ({ isBaseline }: Subject): Cell =>
  isBaseline ? { value: null, reason: texts.baseline } : { value: null, reason: texts.noBaseline };

function positionCells(pair: PosteriorPair | undefined, subject: Subject): Cell[] {
  if (pair === undefined) return Array.from({ length: 4 }, () => notCompared(subject));
  const { positions } = pair.compared;
  if (isAbsent(positions)) return Array.from({ length: 4 }, () => cellOf(positions));
  const { correlation, shifts, beyond_uncertainty, largest, reranked } = positions;
  const known = shifts.filter(({ z }) => z !== null).length;
  return [
    { value: beyond_uncertainty.length, shown: `${beyond_uncertainty.length} of ${known}` },
    { value: Math.abs(largest.shift), shown: signedText(largest.shift), detail: largest.name },
    isAbsent(correlation)
      ? cellOf(correlation)
      : { value: correlation, shown: correlationText(correlation), detail: withinText(positions) },
    { value: reranked.count, shown: `${reranked.count} of ${shifts.length}` },
  ];
}

const withinText = ({ by_group }: PositionComparison): string =>
  by_group
    .flatMap(({ group, correlation }) => (isAbsent(correlation) ? [] : [`${group} ${correlationText(correlation)}`]))
    .join(', ');

function elpdCell(pair: PosteriorPair | undefined, subject: Subject): Cell {
  if (pair === undefined) return notCompared(subject);
  const { prediction } = pair.compared;
  if (isAbsent(prediction)) return cellOf(prediction);
  const { difference, se, conclusion } = prediction;
  return { value: difference, shown: `${differenceText(difference, se)} ${errorText(se)}`, detail: conclusion };
}
