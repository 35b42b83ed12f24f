import { isDrawn } from './axis.ts';
import type { Box } from './labels.ts';
import type { Directions } from './pareto.ts';
import type { Plot } from './plot.ts';
import type { DrawnPoint, ScatterPanel } from './scatter-data.ts';

/** Boxes along the lines of a scatter, from which its labels stay away. */
export const lineBoxes = (
  panel: ScatterPanel,
  drawn: readonly DrawnPoint[],
  front: readonly DrawnPoint[],
  plot: Plot,
): Box[] => [
  ...frontBoxes(front, panel.pareto, plot),
  ...drawn.flatMap((point) => errorBoxes(point, plot)),
  ...(panel.identity ? identityBoxes(plot) : []),
  ...(panel.references?.y ?? [])
    .filter((value) => isDrawn(value, panel.y.scale))
    .map((value) => ({ x: plot.left, y: plot.y.at(value) - 1, width: plot.right - plot.left, height: 2 })),
];

function frontBoxes(front: readonly DrawnPoint[], better: Directions | undefined, { x, y }: Plot): Box[] {
  return front.slice(1).flatMap((point, index) => {
    const before = front[index]!;
    const [left, right] = [x.at(before.x), x.at(point.x)];
    const [level, corner] = better?.x === 'lower' ? [y.at(before.y), right] : [y.at(point.y), left];
    return [boxOf([left, right], [level, level]), boxOf([corner, corner], [y.at(before.y), y.at(point.y)])];
  });
}

function errorBoxes({ x, y, xLow, xHigh, yLow, yHigh }: DrawnPoint, plot: Plot): Box[] {
  const [across, upright] = [plot.x.at(x), plot.y.at(y)];
  return [
    ...(isDrawn(xLow) && isDrawn(xHigh) ? [boxOf([plot.x.at(xLow), plot.x.at(xHigh)], [upright, upright])] : []),
    ...(isDrawn(yLow) && isDrawn(yHigh) ? [boxOf([across, across], [plot.y.at(yLow), plot.y.at(yHigh)])] : []),
  ];
}

const PIECES = 40;

function identityBoxes({ x, y }: Plot): Box[] {
  const [low, high] = [Math.max(x.domain[0], y.domain[0]), Math.min(x.domain[1], y.domain[1])];
  const [left, right, bottom, top] = [x.at(low), x.at(high), y.at(low), y.at(high)];
  return Array.from({ length: PIECES }, (_, index) => {
    const [from, to] = [index / PIECES, (index + 1) / PIECES];
    const part = (start: number, end: number): [number, number] => [
      start + (end - start) * from,
      start + (end - start) * to,
    ];
    return boxOf(part(left, right), part(bottom, top));
  });
}

/** Around a straight line, a unit wide on both sides. */
function boxOf([x1, x2]: [number, number], [y1, y2]: [number, number]): Box {
  return {
    x: Math.min(x1, x2) - 1,
    y: Math.min(y1, y2) - 1,
    width: Math.abs(x2 - x1) + 2,
    height: Math.abs(y2 - y1) + 2,
  };
}
