import { describe, expect, it } from 'vitest';
import { contrast, DARK, LIGHT } from '../../../plugins/nx-study/src/figures/palette.ts';

describe('contrast', () => {
  it('is that of the standard', () => {
    expect(contrast('#000000', '#ffffff')).toBe(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
] as const)('the %s palette', (_, palette) => {
  const pairs = [
    ...['fg', 'dim', 'good', 'warn', 'bad', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'].map((name) => [name, 'bg']),
    ...['fg', 'dim', 'c1'].map((name) => [name, 'soft']),
    ['warn', 'warnbg'],
    ['fg', 'warnbg'],
    ['bad', 'badbg'],
    ['fg', 'badbg'],
    ...['s', 'v'].flatMap((letter) => [0, 1, 2, 3, 4, 5, 6].map((step) => [`${letter}${step}t`, `${letter}${step}`])),
  ];

  it.each(pairs as [string, string][])('can be read: %s on %s', (one, other) => {
    expect(contrast(palette[one]!, palette[other]!)).toBeGreaterThanOrEqual(4.5);
  });

  it('grows away from the background in one direction', () => {
    const shades = [0, 1, 2, 3, 4, 5, 6].map((step) => contrast(palette[`s${step}`]!, palette['bg']!));
    expect(shades).toEqual(shades.toSorted((a, b) => a - b));
  });
});
