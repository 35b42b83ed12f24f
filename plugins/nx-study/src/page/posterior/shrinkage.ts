import { canonicalJson } from '../../base/canonical.ts';
import { isAbsent } from '../../base/known.ts';
import { sideOf } from '../../comparisons/posterior.ts';
import { sortableTable } from '../../figures/data-table.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { scatter } from '../../figures/scatter.ts';
import { comparePosteriors } from '../../kinds/posterior/compare/posteriors.ts';
import type { PositionComparison, Shift } from '../../kinds/posterior/compare/shifts.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote, signedText } from './cells.ts';
import { MOST_DRAWN } from './subjects.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

interface Shrunk {
  flat: string;
  hierarchical: string;
  positions: PositionComparison;
}

/** Each hierarchical model against the flat one with the same other settings, where a study has both. */
export function shrinkageSection({ readable, groups }: Subjects): MaybeSection {
  const pairs = readable.flatMap((one) => {
    if (modelOf(one) !== 'hierarchical') return [];
    const flat = readable.find((other) => modelOf(other) === 'flat' && othersOf(other) === othersOf(one));
    return flat === undefined ? [] : [{ flat, hierarchical: one }];
  });
  if (pairs.length === 0) return null;
  const compared = pairs.map(({ flat, hierarchical }) => ({
    flat: flat.name,
    hierarchical: hierarchical.name,
    positions: comparePosteriors(sideOf(hierarchical.posterior), sideOf(flat.posterior)).positions,
  }));
  const known = compared.flatMap(({ positions, ...names }) => (isAbsent(positions) ? [] : [{ ...names, positions }]));
  const drawn = known.slice(0, MOST_DRAWN);
  return {
    id: 'posterior-shrinkage',
    title: texts.shrinkage,
    body: html`${compared.map(({ positions, hierarchical }) =>
      isAbsent(positions) ? html`<p class="note">${texts.refused(hierarchical, positions.reason)}</p>` : null,
    )}
    ${drawn.length === 0 ? null : html`${figureOf(drawn, groups)} ${drawnNote(drawn.length, known.length)} ${tableOf(drawn)}`}`,
  };
}

const modelOf = ({ posterior: { row } }: Subject) => row.configuration['model'];

/** All settings but the model and those that only one of the two models has. */
function othersOf({ posterior: { row } }: Subject): string {
  const {
    model: _model,
    spread_prior: _spread,
    position_prior: _position,
    parametrisation: _parametrisation,
    ...others
  } = row.configuration;
  return canonicalJson(others);
}

const figureOf = (pairs: readonly Shrunk[], groups: Subjects['groups']): Safe =>
  scatter({
    title: texts.shrinkageFigure,
    howToRead: texts.howShrinkage,
    description: texts.describeShrinkage,
    groups,
    panels: pairs.map(({ flat, hierarchical, positions }) => ({
      title: texts.against(hierarchical, flat),
      x: { label: texts.flat },
      y: { label: texts.hierarchical },
      identity: true,
      labelled: 6,
      points: positions.shifts.map(({ name, group, baseline, candidate }) => ({
        name,
        group,
        x: baseline.mean,
        y: candidate.mean,
      })),
    })),
  });

const tableOf = (pairs: readonly Shrunk[]): Safe =>
  sortableTable({
    caption: texts.shrinkageTable,
    columns: [
      { name: texts.name },
      { name: texts.party, text: true },
      ...(pairs.length > 1 ? [{ name: texts.experiment, text: true }] : []),
      { name: texts.flat },
      { name: texts.hierarchical },
      { name: texts.shift },
      { name: texts.nearerToParty, detail: texts.positiveIsNearer },
      { name: texts.sdRatio },
    ],
    rows: pairs.flatMap(({ hierarchical, positions }) =>
      positions.shifts.map((shift) => ({
        cells: [
          shift.name,
          shift.group,
          ...(pairs.length > 1 ? [hierarchical] : []),
          shift.baseline.mean,
          shift.candidate.mean,
          { value: shift.shift, shown: signedText(shift.shift) },
          nearerCell(shift, positions.shifts),
          sdRatioCell(shift),
        ],
      })),
    ),
  });

/** By how much a position lies nearer to the mean of its group than under the flat model. */
function nearerCell(shift: Shift, all: readonly Shift[]) {
  const members = all.filter(({ group }) => group === shift.group);
  if (members.length < 2) return { value: null, reason: texts.alone };
  const distance = (side: 'baseline' | 'candidate') =>
    Math.abs(shift[side].mean - members.reduce((sum, one) => sum + one[side].mean, 0) / members.length);
  const nearer = distance('baseline') - distance('candidate');
  return { value: nearer, shown: signedText(nearer) };
}

function sdRatioCell({ baseline, candidate }: Shift) {
  const isKnown = candidate.sd !== null && baseline.sd !== null && baseline.sd > 0;
  return isKnown ? { value: candidate.sd! / baseline.sd! } : { value: null, reason: texts.noSd };
}
