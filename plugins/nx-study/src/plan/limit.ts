import { studyTexts } from './texts.ts';
import type { Study } from './study.ts';
import { countCombinations } from './drafts.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import type { Outline } from './outline.ts';

const MOST_AXES = 100;
// Chosen: with more combinations, enumerating them to count those that `exclude` leaves would take too long.
const MOST_ENUMERATED = 100_000;
const MOST_COMPARED = 5_000_000;

/** Whether a plan may be made: a product beyond all bounds is refused without making it. */
export function mayExpand(outline: Outline, study: Study, problems: Problem[]): boolean {
  const { repeat, limits } = study;
  const { dimensions, crossed, explicit, exclude } = outline;
  if (dimensions.length > MOST_AXES) {
    problems.push({ at: largestPart(outline), key: true, ...studyTexts.tooManyAxes(dimensions.length, MOST_AXES) });
    return false;
  }
  const combined = crossed.reduce((sum, part) => sum + countCombinations(part.dimensions), 0);
  const experiments = combined + explicit.length;
  const countable = experiments <= MOST_ENUMERATED && experiments * exclude.length <= MOST_COMPARED;
  if (exclude.length > 0 && countable) return true;
  if (experiments * repeat.times <= limits.measurements) return true;
  problems.push(tooMany(experiments, outline, study, exclude.length > 0));
  return false;
}

/** Refuses a plan whose remaining experiments are too many. */
export function checkLimit(experiments: number, outline: Outline, study: Study, problems: Problem[]): void {
  if (experiments * study.repeat.times > study.limits.measurements)
    problems.push(tooMany(experiments, outline, study, false));
}

function tooMany(
  experiments: number,
  outline: Outline,
  { repeat: { times }, limits }: Study,
  beforeExclusion: boolean,
): Problem {
  const text = studyTexts.tooMany(
    experiments * times,
    limits.measurements,
    productText(outline, times),
    beforeExclusion,
  );
  return { at: largestPart(outline), key: true, ...text };
}

/** `tune 2 × beta-prior 3 × repeat 3`; worker by worker where there are several. */
function productText({ crossed, explicit }: Outline, times: number): string {
  const products = crossed.map(({ worker, dimensions }) => {
    const product = dimensions.map(({ name, choices }) => `${name} ${choices.length}`).join(' × ') || 'one';
    return crossed.length > 1 ? `${worker}: ${product}` : product;
  });
  const sum = [...products, ...(explicit.length > 0 ? [`experiments ${explicit.length}`] : [])].join(' + ');
  if (times === 1) return sum;
  return products.length + explicit.length > 1 ? `(${sum}) × repeat ${times}` : `${sum} × repeat ${times}`;
}

function largestPart({ dimensions, explicit }: Outline): Place {
  const largest = dimensions.toSorted((a, b) => b.choices.length - a.choices.length)[0];
  if (largest) return [largest.kind];
  return explicit.length > 0 ? ['experiments'] : ['repeat'];
}
