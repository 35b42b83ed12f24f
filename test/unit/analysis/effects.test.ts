import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { effects } from '../../../plugins/nx-study/src/analysis/effects.ts';
import type { GridRow } from '../../../plugins/nx-study/src/analysis/grid.ts';
import { expectFinite, expectNear, fixtures, numbersIn, present } from './fixtures.ts';

/** Rows of a fixture, whose columns are the axes, `repetition` and `value`. */
const rowsOf = (fixture: (typeof fixtures.effects)[number]): GridRow[] =>
  fixture.rows.map(({ repetition, value, ...levels }) => ({
    repetition,
    value,
    levels: Object.fromEntries(Object.entries(levels).map(([axis, level]) => [axis, String(level)])),
  }));

test.each(fixtures.effects)('as statsmodels has it: $axes', (fixture) => {
  const found = present(effects(rowsOf(fixture), fixture.axes, 'ratio'));
  expect(found.sources.map(({ axes, df }) => ({ axes, df }))).toEqual(
    fixture.sources.map(({ axes, df }) => ({ axes, df })),
  );
  for (const [index, source] of fixture.sources.entries()) {
    expectNear(found.sources[index]!.share, source.share);
    expectNear(found.sources[index]!.f, source.f);
    expectNear(found.sources[index]!.p, source.p);
  }
  expectNear(found.higher_share, fixture.higher_share);
  expectNear(found.residual_share, fixture.residual_share);
  for (const { axis, lowest, highest } of found.levels) {
    const centers = fixture.centers[axis as keyof typeof fixture.centers] as Record<string, number>;
    expectNear(lowest.center, Math.min(...Object.values(centers)));
    expectNear(highest.center, Math.max(...Object.values(centers)));
    expectNear(highest.center, centers[highest.level]!);
  }
});

/** Two axes of two levels with their values, repetition by repetition. */
const grid = (...cycles: (number | null)[][]): GridRow[] =>
  cycles.flatMap((values, repetition) =>
    values.map((value, cell) => ({
      repetition,
      value,
      levels: { batch: cell < 2 ? '1' : '8', threads: String(1 + (cell % 2)), fixed: 'same' },
    })),
  );
const AXES = ['batch', 'threads', 'fixed'];

test('shares by hand: an interaction only, and what matters', () => {
  const { sources, residual_share, higher_share } = present(
    effects(grid([1, -1, -1, 1], [1.1, -1.1, -1.1, 1.1]), AXES, 'difference'),
  );
  expect(sources.map(({ axes, matters }) => ({ axes, matters }))).toEqual([
    { axes: ['batch'], matters: false },
    { axes: ['threads'], matters: false },
    { axes: ['batch', 'threads'], matters: true },
  ]);
  expect(sources.map(({ share }) => share)).toEqual([0, 0, 8.82 / 8.84].map((share) => expect.closeTo(share, 12)));
  expectNear(residual_share, 0.02 / 8.84);
  expect(higher_share).toBe(0);
});

test('an interaction below 5 % of the variance gets no word, however certain', () => {
  const found = present(effects(grid([0, 10, 10, 21], [0.01, 10.01, 10.01, 21]), AXES, 'difference'));
  const interaction = found.sources[2]!;
  expect(interaction.p_adjusted).toBeLessThan(0.001);
  expect(interaction.matters).toBe(false);
  expect(found.sources[0]!.matters).toBe(true);
});

test('an incomplete grid has no shares, but the reason', () => {
  expect(effects(grid([1, 2, 3, null], [1, 2, 3, null]), AXES, 'ratio')).toEqual({
    value: null,
    reason: 'the grid is incomplete: 1 of 4 combinations of the axes have no value',
  });
  expect(effects(grid([1, 2, 3, null], [1, null, 3, 4]), AXES, 'ratio')).toEqual({
    value: null,
    reason: 'no single repetition has a value for every combination of the axes',
  });
  expect(effects(grid([1, 2, 3, 4]).slice(0, 1), AXES, 'ratio')).toMatchObject({
    reason: 'no axis has two levels or more',
  });
  expect(effects([...grid([1, 2, 3, 4]), ...grid([1, 2, 3, 4])], AXES, 'ratio')).toMatchObject({
    reason: expect.stringContaining('twice'),
  });
});

test('only complete repetitions are used; one alone has no test', () => {
  const found = present(effects(grid([1, 2, 3, 5], [1, 2, null, 4]), AXES, 'ratio'));
  expect(found).toMatchObject({ repetitions: 1, dropped: [1], residual_share: { value: null } });
  expect(
    found.sources.every(({ f, p_adjusted, matters }) => typeof f !== 'number' && p_adjusted === null && !matters),
  ).toBe(true);
  expect(found.sources.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
});

test('repetitions that agree, and values that all agree', () => {
  const same = present(effects(grid([1, 2, 3, 5], [1, 2, 3, 5]), AXES, 'ratio'));
  expect(same.sources[0]).toMatchObject({
    p: { value: null, reason: expect.stringContaining('12 digits') },
    matters: false,
  });
  expect(same.residual_share).toBe(0);
  const values = [1000.1, 1000.2, 1000.3, 1000.5];
  const others = values.map((value) => value + 1e-13);
  expect(others).not.toEqual(values);
  const rounded = present(effects(grid(values, others), AXES, 'difference'));
  expect(rounded.sources[0]!.f).toMatchObject({ value: null, reason: expect.stringContaining('12 digits') });
  expect(effects(grid([2, 2, 2, 2]), AXES, 'ratio')).toMatchObject({ reason: expect.stringContaining('no variance') });
  expect(effects(grid([0, 2, 2, 2]), AXES, 'ratio')).toMatchObject({ reason: expect.stringContaining('one is 0') });
});

test('property: shares are from 0 to 1 and add up, in any unit and order', () => {
  const four = array(double({ min: 0.1, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
  assert(
    property(four, four, four, (...cycles) => {
      const rows = grid(...cycles);
      const found = effects(rows, AXES, 'ratio');
      expectFinite(found);
      if (!('sources' in found)) return;
      const shares = [...found.sources.map(({ share }) => share), found.higher_share, present(found.residual_share)];
      expect(shares.every((share) => share >= 0 && share <= 1 + 1e-9)).toBe(true);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 8);
      const other = effects(
        rows.toReversed().map((row) => ({ ...row, value: row.value! * 60 })),
        AXES,
        'ratio',
      );
      expect(numbersIn(present(other).residual_share)[0]).toBeCloseTo(present(found.residual_share), 8);
    }),
  );
});

test('property: no NaN and no infinity for any numbers', () => {
  const four = array(double(), { minLength: 4, maxLength: 4 });
  assert(
    property(four, four, (...cycles) => {
      expectFinite(effects(grid(...cycles), AXES, 'ratio'));
      expectFinite(effects(grid(...cycles), AXES, 'difference'));
    }),
    {
      examples: [
        [
          [1.7e308, 1.7e308, 1.7e308, -1.7e308],
          [0, 0, 0, 0],
        ],
      ],
    },
  );
});
