import { studyTexts } from '../errors/study.ts';
import type { Place, Problem } from './problem.ts';
import type { AxisCount } from './types.ts';

const MOST_AXES = 100;
// Enumerating more combinations than this, to see how many `exclude` leaves, would take too long.
const MOST_ENUMERATED = 100_000;

export interface Size {
  experiments: number;
  times: number;
  limit: number;
  /** Where the product comes from. */
  at: Place;
}

/** Whether the plan may be this large; a product beyond all bounds is refused without making it. */
export function checkSize(size: Size, axes: AxisCount[], excludes: boolean, problems: Problem[]): boolean {
  if (axes.length > MOST_AXES) {
    problems.push({ at: size.at, key: true, ...studyTexts.tooManyAxes(axes.length, MOST_AXES) });
    return false;
  }
  const { experiments } = size;
  const count = experiments * size.times;
  if (count <= size.limit) return true;
  if (excludes && experiments <= MOST_ENUMERATED) return true;
  const product = [
    ...axes.map(({ axis, values }) => `${axis} ${values}`),
    ...(size.times > 1 ? [`repeat ${size.times}`] : []),
  ];
  problems.push({ at: size.at, key: true, ...studyTexts.tooMany(count, size.limit, product.join(' × '), excludes) });
  return false;
}
