import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paretoFront, type Directions } from '../../../plugins/nx-study/src/figures/pareto.ts';

const way = fc.constantFrom('lower' as const, 'higher' as const);

describe('paretoFront', () => {
  it('is what no other point beats, in order of x', () => {
    const points = [
      { x: 3, y: 3 },
      { x: 1, y: 1 },
      { x: 2, y: 3 },
      { x: 2, y: 0 },
      { x: 4, y: 9 },
    ];
    expect(paretoFront(points, { x: 'lower', y: 'higher' })).toEqual([
      { x: 1, y: 1 },
      { x: 2, y: 3 },
      { x: 4, y: 9 },
    ]);
    expect(paretoFront(points, { x: 'higher', y: 'higher' })).toEqual([{ x: 4, y: 9 }]);
  });

  it('equals the definition', () => {
    const point = fc.record({ x: fc.integer({ min: 0, max: 6 }), y: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), fc.record({ x: way, y: way }), (points, better: Directions) => {
        const gain = (value: number, direction: string) => (direction === 'higher' ? value : -value);
        const beats = (a: (typeof points)[number], b: (typeof points)[number]) => {
          const [x, y] = [gain(a.x, better.x) - gain(b.x, better.x), gain(a.y, better.y) - gain(b.y, better.y)];
          return x >= 0 && y >= 0 && x + y > 0;
        };
        const expected = points.filter((one) => !points.some((other) => beats(other, one)));
        expect(new Set(paretoFront(points, better))).toEqual(new Set(expected));
      }),
    );
  });
});
