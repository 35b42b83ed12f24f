import { html } from '../../figures/html.ts';
import { scatter } from '../../figures/scatter.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote } from './cells.ts';
import { MOST_DRAWN } from './subjects.ts';
import type { Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** Where people are in both dimensions, of models that have two; all other sections show the first. */
export function planeSection({ readable, groups }: Subjects): MaybeSection {
  const all = readable.filter(({ idealPoint }) => idealPoint?.positions.some(({ second }) => second !== null));
  if (all.length === 0) return null;
  const drawn = all.slice(0, MOST_DRAWN);
  return {
    id: 'posterior-plane',
    title: texts.plane,
    body: html`${scatter({
      title: texts.planeFigure,
      howToRead: texts.howPlane,
      description: texts.describePlane,
      groups,
      panels: drawn.map(({ name, idealPoint }) => ({
        title: name,
        x: { label: texts.firstDimension },
        y: { label: texts.secondDimension },
        references: { y: [0] },
        labelled: 6,
        points: idealPoint!.positions.map(({ name: item, party, aligned, second }) => ({
          name: item,
          group: party,
          x: aligned.mean,
          y: second?.aligned.mean ?? null,
          ...((aligned.mean === null || second?.aligned.mean === null) && { reason: texts.noMean }),
        })),
      })),
    })}
    ${drawnNote(drawn.length, all.length)}`,
  };
}
