import { sortableTable } from '../../figures/data-table.ts';
import type { Row } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { MaybeSection } from '../input.ts';
import { correlationText, shareCell, withoutNote } from './cells.ts';
import type { IdealPoint } from './ideal-point.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

type Sign = NonNullable<IdealPoint['sign']>;

/** Whether all chains have the same side of the scale positive: mirrored positions explain votes equally well. */
export function signsSection(subjects: Subjects): MaybeSection {
  const isMeant = subjects.readable.filter(({ idealPoint }) => idealPoint !== null);
  if (isMeant.length === 0) return null;
  const known = isMeant.filter(({ idealPoint }) => idealPoint!.sign !== null);
  const turned = known.filter(({ idealPoint }) => isTurned(idealPoint!.sign!));
  return {
    id: 'posterior-signs',
    title: texts.signs,
    body: html`${
      known.length === 0
        ? null
        : html`<p>
              ${turned.length === 0 ? texts.signsAgree(known.length) : texts.signsTurned(turned.map(({ name }) => name))}
            </p>
            ${tableOf(known)}`
    }
    ${withoutNote(subjects, ({ idealPoint }) => idealPoint === null || idealPoint.sign !== null, texts.whatSigns)}`,
  };
}

const isTurned = ({ split, turned_chains, per_chain_correlation_with_pc1: each }: Sign): boolean =>
  split || turned_chains.length > 0 || new Set(each.flatMap((one) => (one === null ? [] : [Math.sign(one)]))).size > 1;

function tableOf(known: readonly Subject[]) {
  const chains = Math.max(...known.map(({ idealPoint }) => idealPoint!.sign!.per_chain_correlation_with_pc1.length));
  const parties = [
    ...new Set(
      known.flatMap(({ idealPoint }) =>
        Object.entries(idealPoint!.correlation_with_pc1?.within_party ?? {}).flatMap(([party, value]) =>
          value === null ? [] : [party],
        ),
      ),
    ),
  ];
  return sortableTable({
    caption: texts.signsTable,
    columns: [
      { name: texts.experiment },
      ...Array.from({ length: chains }, (_, index) => ({ name: texts.chain(index + 1) })),
      { name: texts.overall },
      ...parties.map((party) => ({ name: texts.within(party) })),
    ],
    rows: known.map(({ name, isBaseline, idealPoint, derived }): Row => {
      const { sign, correlation_with_pc1: pc1 } = idealPoint!;
      return {
        marked: isBaseline,
        cells: [
          name,
          ...Array.from({ length: chains }, (_, index) => ({
            ...correlation(sign!.per_chain_correlation_with_pc1[index]),
            detail: shareCell(sign!.negative_draw_share[index]).shown,
          })),
          correlation(pc1?.overall),
          ...parties.map((party) =>
            correlation(
              pc1?.within_party[party],
              derived.reasons[`sections.ideal-point.correlation_with_pc1.within_party.${party}`],
            ),
          ),
        ],
      };
    }),
  });
}

const correlation = (value: number | null | undefined, reason?: string) =>
  value === null || value === undefined ? { value: null, reason } : { value, shown: correlationText(value) };
