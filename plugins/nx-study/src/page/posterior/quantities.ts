import { beside } from '../../figures/blocks.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { sortableTable } from '../../figures/data-table.ts';
import { intervals } from '../../figures/intervals.ts';
import type { IntervalSeries } from '../../figures/intervals.ts';
import type { Estimate } from '../../kinds/posterior/schema.ts';
import { reasonOf } from '../../kinds/evidence.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote, estimateCell, withoutNote } from './cells.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** Figures of quantities that belong together; all others have one of their own. */
const GROUPS: readonly { title: string; how: string; isMeant: (name: string) => boolean }[] = [
  { title: texts.gap, how: texts.howGap, isMeant: (name) => name === 'party_gap' },
  { title: texts.partyMeans, how: texts.howPartyMeans, isMeant: (name) => name.startsWith('party_mean.') },
  { title: texts.partySpread, how: texts.howPartySpread, isMeant: (name) => name.startsWith('party_spread.') },
  { title: texts.icc, how: texts.howIcc, isMeant: (name) => name === 'party_variance_share' },
];

/** The worker's quantities of interest by experiment, with intervals. */
export function quantitiesSection(subjects: Subjects): MaybeSection {
  const { readable, drawn } = subjects;
  const quantities = new Map<string, Estimate>();
  for (const [name, estimate] of readable.flatMap(({ derived }) => Object.entries(derived.estimates ?? {})))
    if (!quantities.has(name)) quantities.set(name, estimate);
  if (readable.length === 0) return null;
  const title = [...quantities.keys()].some((name) => GROUPS.some(({ isMeant }) => isMeant(name)))
    ? texts.partiesAndQuantities
    : texts.quantities;
  const figures = figuresOf(quantities, drawn);
  return {
    id: 'posterior-quantities',
    title,
    body: html`${figures}
    ${quantities.size === 0 ? null : html`${drawnNote(drawn.length, readable.length)} ${tableOf(readable, quantities)}`}
    ${withoutNote(subjects, ({ derived }) => derived.estimates !== undefined, texts.whatEstimates)}`,
  };
}

/** Figures of one panel stand beside each other, those of several below. */
function figuresOf(quantities: ReadonlyMap<string, Estimate>, drawn: readonly Subject[]): Safe[] {
  const rest = { title: texts.otherQuantities, how: texts.howQuantities, isMeant: isOther };
  const all = [...GROUPS, rest].flatMap(({ title, how, isMeant }) => {
    const series = [...quantities].flatMap(([name, one]) => (isMeant(name) ? seriesOf(name, one, drawn) : []));
    if (series.length === 0) return [];
    const figure = intervals({ title, howToRead: how, description: texts.describeQuantities, series });
    return [{ figure, isSingle: series.length === 1 }];
  });
  const [single, several] = [true, false].map((is) => all.filter(({ isSingle }) => isSingle === is));
  return [
    ...(single!.length > 0 ? [beside(single!.map(({ figure }) => figure))] : []),
    ...several!.map(({ figure }) => figure),
  ];
}

const isOther = (name: string): boolean => !GROUPS.some(({ isMeant }) => isMeant(name));

/** One line for each experiment; nothing for a quantity that has no draws of its own. */
function seriesOf(name: string, { label, unit, description }: Estimate, drawn: readonly Subject[]): IntervalSeries[] {
  const rows = drawn.flatMap(({ name: experiment, derived, isBaseline }) => {
    const estimate = derived.estimates?.[name];
    if (estimate === undefined || estimate.eti90 === null) return [];
    const [low, high] = estimate.eti90;
    return [{ experiment, isBaseline, estimate: estimate.mean, low, high }];
  });
  if (rows.length === 0) return [];
  const reference = rows.find(({ isBaseline }) => isBaseline)?.estimate ?? undefined;
  return [
    {
      title: label,
      detail: [unit, description].filter(Boolean).join('; '),
      reference,
      rows: rows.map(({ experiment, estimate, low, high }) => ({ name: experiment, estimate, low, high })),
    },
  ];
}

const tableOf = (readable: readonly Subject[], quantities: ReadonlyMap<string, Estimate>): Safe =>
  sortableTable({
    caption: texts.quantitiesTable,
    columns: [
      { name: texts.quantity },
      ...readable.map(({ name, isBaseline }) => ({ name, ...(isBaseline && { detail: texts.baseline }) })),
    ],
    rows: [...quantities].map(([name, { label, unit }]) => ({
      cells: [
        { value: label, ...(unit !== '' && { detail: unit }) },
        ...readable.map(({ derived }) => {
          const found = derived.estimates?.[name];
          const reason = reasonOf(derived.reasons, `estimates.${name}.mean`) ?? undefined;
          return estimateCell(found?.mean ?? null, found?.eti90 ?? null, reason);
        }),
      ],
    })),
  });
