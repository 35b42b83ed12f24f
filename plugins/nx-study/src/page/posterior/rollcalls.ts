import { html } from '../../figures/html.ts';
import { scatter } from '../../figures/scatter.ts';
import type { MaybeSection } from '../input.ts';
import { drawnNote, withoutNote } from './cells.ts';
import type { IdealPoint } from './ideal-point.ts';
import type { Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** So many marks in all panels together, so that the page stays small. */
const MOST_MARKS = 1200;

/** Discrimination of the roll calls against their difficulty. */
export function rollcallsSection(subjects: Subjects): MaybeSection {
  const isMeant = subjects.readable.filter(({ idealPoint }) => idealPoint !== null);
  if (isMeant.length === 0) return null;
  const all = isMeant.flatMap(({ name, idealPoint }) =>
    idealPoint!.rollcalls === null ? [] : [{ name, rollcalls: idealPoint!.rollcalls }],
  );
  const largest = Math.max(1, ...all.map(({ rollcalls }) => rollcalls.length));
  const drawn = all.slice(0, Math.min(subjects.drawn.length, Math.max(1, Math.floor(MOST_MARKS / largest))));
  return {
    id: 'posterior-rollcalls',
    title: texts.rollcalls,
    body: html`${
      drawn.length === 0
        ? null
        : scatter({
            title: texts.rollcallsFigure,
            howToRead: texts.howRollcalls,
            description: texts.describeRollcalls,
            panels: drawn.map(({ name, rollcalls }) => ({
              title: name,
              x: { label: texts.difficulty },
              y: { label: texts.discrimination },
              references: { y: [0] },
              labelled: 5,
              points: rollcalls.map(pointOf),
            })),
          })
    }
    ${drawnNote(drawn.length, all.length)}
    ${withoutNote(subjects, ({ idealPoint }) => idealPoint === null || idealPoint.rollcalls !== null, texts.whatRollcalls)}`,
  };
}

const pointOf = ({ rollcall, aligned: { alpha, beta } }: NonNullable<IdealPoint['rollcalls']>[number]) => ({
  name: rollcall,
  x: alpha.mean,
  y: beta.mean,
  weight: Math.abs(beta.mean ?? 0),
  ...((alpha.mean === null || beta.mean === null) && { reason: texts.noMean }),
});
