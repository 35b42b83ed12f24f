export type Better = 'lower' | 'higher';

export interface Directions {
  x: Better;
  y: Better;
}

/** The place of a point in both quantities. */
export interface Place {
  x: number;
  y: number;
}

/** The points that no other point beats in both quantities, in order of x; of equal ones each. */
export function paretoFront<T extends Place>(points: readonly T[], better: Directions): T[] {
  const gain = (value: number, way: Better) => (way === 'higher' ? value : -value);
  const sorted = points
    .map((point) => ({ point, x: gain(point.x, better.x), y: gain(point.y, better.y) }))
    .sort((a, b) => b.x - a.x || b.y - a.y);
  let highest = { x: Number.NaN, y: Number.NEGATIVE_INFINITY };
  const front = sorted.filter((one) => {
    const isOn = one.y > highest.y || (one.y === highest.y && one.x === highest.x);
    if (isOn) highest = one;
    return isOn;
  });
  return front.map(({ point }) => point).sort((a, b) => a.x - b.x);
}
