import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf, isDrawn, reasonNotDrawn, type ScaleKind } from '../../../plugins/nx-study/src/figures/axis.ts';
import { LINE, SMALL_FONT, startOf, widthOf } from '../../../plugins/nx-study/src/figures/text-size.ts';

const RANGE: [number, number] = [20, 360];
const texts = (values: number[], scale?: ScaleKind, nice?: boolean) =>
  axisOf({ values, scale, range: RANGE, nice }).ticks.map(({ text }) => text);

describe('axisOf', () => {
  it('has round ticks without trailing zeros', () => {
    expect(texts([0.02, 0.98])).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
    expect(texts([-1500, 4200])).toEqual(['−2,000', '−1,000', '0', '1,000', '2,000', '3,000', '4,000', '5,000']);
    expect(texts([0, 3e9]).slice(0, 3)).toEqual(['0', '5e+8', '1e+9']);
  });

  it('has ticks of each decade on a logarithmic axis, fewer when there is less room', () => {
    expect(texts([0.05, 70], 'log')).toEqual(['0.05', '0.1', '0.2', '0.5', '1', '2', '5', '10', '20', '50']);
    expect(texts([1e-6, 1e6], 'log').length).toBeLessThan(9);
    expect(texts([0.8, 1.3], 'log', false)).toEqual(['0.8', '0.9', '1', '1.1', '1.2', '1.3']);
  });

  it('has a width for one value', () => {
    for (const [value, scale] of [
      [5, 'linear'],
      [0, 'linear'],
      [-3, 'linear'],
      [5, 'log'],
    ] as const) {
      const { domain, at } = axisOf({ values: [value], scale, range: RANGE });
      expect(domain[0]).toBeLessThan(value);
      expect(domain[1]).toBeGreaterThan(value);
      expect(at(value)).toBeGreaterThan(RANGE[0]);
      expect(at(value)).toBeLessThan(RANGE[1]);
    }
  });

  it('puts what is beyond at its ends', () => {
    const { at } = axisOf({ values: [1, 100], scale: 'log', range: RANGE });
    expect([at(0), at(-5), at(1e9)]).toEqual([20, 20, 360]);
  });

  it('names why a value has no place', () => {
    expect(reasonNotDrawn(1)).toBeNull();
    expect(reasonNotDrawn(null)).toBe('no value, and no reason is recorded');
    expect(reasonNotDrawn(Number.NaN)).toBe('not a finite number');
    expect(reasonNotDrawn(1e301)).toBe('too large to draw');
    expect(reasonNotDrawn(0, 'log')).toBe('not positive, and the axis is logarithmic');
  });

  it.each(['linear', 'log'] as const)(
    'has places in its range and ticks apart, whatever the values are: %s',
    (scale) => {
      fc.assert(
        fc.property(fc.array(fc.double(), { minLength: 1 }), fc.boolean(), (values, nice) => {
          const drawn = values.filter((value) => isDrawn(value, scale));
          fc.pre(drawn.length > 0);
          const { at, ticks } = axisOf({ values: drawn, scale, range: RANGE, nice });
          for (const value of drawn) expect(at(value)).toSatisfy((place: number) => place >= 20 && place <= 360);
          for (const [index, tick] of ticks.entries()) {
            expect(tick.at).toSatisfy((place: number) => place >= 20 && place <= 360);
            const before = ticks[index - 1];
            if (!before) continue;
            const end = startOf(before.at, before.text, SMALL_FONT) + widthOf(before.text, SMALL_FONT);
            expect(startOf(tick.at, tick.text, SMALL_FONT)).toBeGreaterThanOrEqual(end);
          }
          expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('has upright ticks a line apart', () => {
    const { ticks } = axisOf({ values: [0, 1], range: [60, 20], upright: true });
    expect(ticks.length).toBeGreaterThan(1);
    for (const [index, tick] of ticks.slice(1).entries())
      expect(ticks[index]!.at - tick.at).toBeGreaterThanOrEqual(LINE);
  });
});
