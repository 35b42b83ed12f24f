import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitted, SMALL_FONT, startOf, widthOf, wrapped } from '../../../plugins/nx-study/src/figures/text-size.ts';

describe('fitted', () => {
  it('keeps both ends', () => {
    expect(fitted('batch 1 prompt 128', 500)).toBe('batch 1 prompt 128');
    expect(fitted('batch 1 prompt 128', 90)).toMatch(/^batch.*….*128$/);
  });

  it('is never wider than the room', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 200 }), (text, room) => {
        expect(widthOf(fitted(text, room))).toBeLessThanOrEqual(room);
      }),
    );
  });
});

describe('wrapped', () => {
  it('breaks at spaces and hyphens, and inside of what is too long', () => {
    expect(wrapped('threads-1-batch-size-4 and more', 100)).toEqual(['threads-1-', 'batch-size-4', 'and more']);
    expect(wrapped('x'.repeat(40), 100).length).toBeGreaterThan(2);
    expect(wrapped('', 100)).toEqual(['']);
  });

  it('breaks a word of wide characters where its width asks for it', () => {
    expect(wrapped('⺀⺀⺀⺀⺀⺀', 48, SMALL_FONT)).toEqual(['⺀⺀⺀', '⺀⺀⺀']);
    for (const line of wrapped('𝅘𝅥𝅮⺀𝅘𝅥𝅮⺀𝅘𝅥𝅮', 48, SMALL_FONT)) expect(widthOf(line, SMALL_FONT)).toBeLessThanOrEqual(48);
  });

  it('loses no letter, and no line is wider than the room', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const lines = wrapped(text, 80);
        expect(lines.join('').replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe('startOf', () => {
  it('centres a text, but keeps it in the panel', () => {
    expect(startOf(190, 'abcd')).toBeCloseTo(190 - widthOf('abcd') / 2);
    expect(startOf(0, 'abcd')).toBe(0);
    expect(startOf(380, 'abcd')).toBe(380 - widthOf('abcd'));
  });
});
