import { expandable } from '../../figures/blocks.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { intervals } from '../../figures/intervals.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote } from './cells.ts';
import type { Position } from './ideal-point.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** All positions with their intervals: of the baseline, or else of the first experiment; the others are closed at first. */
export function forestSection({ drawn, readable, groups }: Subjects): MaybeSection {
  const withPositions = drawn.filter(({ idealPoint }) => idealPoint !== null);
  const [first, ...others] = withPositions;
  if (first === undefined) return null;
  const all = readable.filter(({ idealPoint }) => idealPoint !== null).length;
  return {
    id: 'posterior-forest',
    title: texts.forest,
    body: html`${forest(first, groups)}
    ${others.map((one) => expandable(texts.forestOf(one.name), forest(one, groups)))}
    ${drawnNote(withPositions.length, all)}`,
  };
}

const forest = ({ name, idealPoint }: Subject, groups: Subjects['groups']): Safe =>
  intervals({
    title: texts.forestOf(name),
    howToRead: texts.howForest,
    description: texts.describeForest,
    groups,
    series: [
      {
        title: texts.positionsUnder(name),
        reference: 0,
        rows: idealPoint!.positions
          .toSorted((one, other) => (one.aligned.mean ?? Infinity) - (other.aligned.mean ?? Infinity))
          .map(rowOf),
      },
    ],
  });

const rowOf = ({ name, party, aligned: { mean, eti90 }, votes }: Position) => ({
  name: `${name} ${party}`,
  estimate: mean,
  low: eti90?.[0] ?? null,
  high: eti90?.[1] ?? null,
  group: party,
  ...(votes !== null && { n: votes }),
});
