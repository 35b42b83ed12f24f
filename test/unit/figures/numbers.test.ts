import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberText } from '../../../plugins/nx-study/src/figures/numbers.ts';

describe('numberText', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [3, '3'],
    [23.04, '23.0'],
    [0.5, '0.500'],
    [-0.0001, '−0.000100'],
    [999.6, '1,000'],
    [1234.5, '1,235'],
    [-12_336, '−12,336'],
    [123_456_789, '123,456,789'],
    [1.234e12, '1.23e+12'],
    [0.000_012_34, '1.23e-5'],
    [Number.NaN, 'no value'],
    [Number.NEGATIVE_INFINITY, 'no value'],
  ])('writes %d as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('is near the number, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
        const read = Number(numberText(value).replaceAll(',', '').replaceAll('−', '-'));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 0.0051);
      }),
    );
  });
});
