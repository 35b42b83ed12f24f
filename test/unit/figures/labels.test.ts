import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOfMark, keptApart, overlap, placeLabels } from '../../../plugins/nx-study/src/figures/labels.ts';

const AREA = { x: 0, y: 0, width: 380, height: 200 };
const place = fc.record({
  x: fc.double({ min: 0, max: 380, noNaN: true }),
  y: fc.double({ min: 0, max: 200, noNaN: true }),
});

describe('placeLabels', () => {
  it('puts a label at the right of its mark, and at the left near the right edge', () => {
    const [first, last] = [
      { x: 50, y: 50 },
      { x: 370, y: 150 },
    ].map((at) => ({ ...at, text: 'label' }));
    const placed = placeLabels([first!, last!], { marks: [first!, last!].map(boxOfMark), lines: [] }, AREA);
    expect(placed.map(({ box }) => box.x > 50 && box.x < 60)).toEqual([true, false]);
    expect(placed[1]!.box.x + placed[1]!.box.width).toBeLessThan(370);
    expect(placed.map(({ leader }) => leader)).toEqual([null, null]);
  });

  it('covers a line rather than leave a label out', () => {
    const anchor = { x: 190, y: 100, text: 'label' };
    const lines = [AREA];
    expect(placeLabels([anchor], { marks: [], lines }, AREA)).toHaveLength(1);
    expect(placeLabels([anchor], { marks: [AREA], lines: [] }, AREA)).toEqual([]);
  });

  it('never covers a label or a mark, and stays in the area', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.string({ maxLength: 30 })), { maxLength: 40 }), (points) => {
        const marks = points.map(([at]) => boxOfMark(at));
        const placed = placeLabels(
          points.map(([at, text]) => ({ ...at, text })),
          { marks, lines: [] },
          AREA,
        );
        for (const [index, { box }] of placed.entries()) {
          expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 380 && box.y + box.height <= 200).toBe(true);
          expect([...marks, ...placed.slice(0, index).map((one) => one.box)].some((other) => overlap(box, other))).toBe(
            false,
          );
        }
      }),
    );
  });
});

describe('keptApart', () => {
  it('moves nothing that is apart already', () => {
    expect(keptApart([50, 10, 90], 13, [0, 100])).toEqual([50, 10, 90]);
  });

  it('moves as many as there is room for, and leaves out the last ones', () => {
    expect(keptApart([50, 50, 50], 10, [45, 60])).toEqual([50, 60, null]);
  });

  it('keeps order, gap and limits', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true })), (places) => {
        const moved = keptApart(places, 13, [0, 200]).map((at, index) => ({ at, was: places[index]! }));
        const kept = moved.flatMap(({ at, was }) => (at === null ? [] : [{ at, was }])).sort((a, b) => a.at - b.at);
        expect(kept).toHaveLength(Math.min(places.length, 16));
        for (const [index, one] of kept.entries()) {
          expect(one.at).toBeGreaterThanOrEqual(-1e-9);
          expect(one.at).toBeLessThanOrEqual(200 + 1e-9);
          const before = kept[index - 1];
          if (!before) continue;
          expect(one.at - before.at).toBeGreaterThanOrEqual(13 - 1e-9);
          expect(one.was).toBeGreaterThanOrEqual(before.was);
        }
      }),
    );
  });
});
