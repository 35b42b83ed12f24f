import { expect, it } from 'vitest';
import { failureTypes } from '../../../plugins/nx-study/src/record/schema.ts';
import { INVALID, nexts, states } from '../../../plugins/nx-study/src/state/states.ts';
import { proseOf } from '../../helpers/docs.ts';

/** The words in the first column of the first table below a heading. */
function tableBelow(page: string, heading: string): string[] {
  const section = proseOf(page).split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word!),
  );
}

it('the glossary has the states of a measurement, and what the next run does with it', () => {
  expect(tableBelow('docs/glossary.md', 'States')).toEqual(states);
  expect(proseOf('docs/glossary.md')).toContain(`is \`${INVALID}\``);
  expect(tableBelow('docs/glossary.md', 'Next')).toEqual(nexts);
});

it('the page of failures has all of their types', () => {
  expect(tableBelow('docs/failures-and-resuming.md', 'Failures').toSorted()).toEqual(failureTypes.toSorted());
});
