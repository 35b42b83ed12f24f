import { expect, test } from 'vitest';
import type { CalibrationSummary } from '../../../../../plugins/nx-study/src/kinds/posterior/calibration/summary.ts';
import { summarise } from '../../../../../plugins/nx-study/src/kinds/posterior/calibration/summary.ts';
import { present } from '../../../analysis/fixtures.ts';
import { calibrationOf, even } from './fits.ts';

/** All fits, divided among measurements of these sizes. */
function divided(sizes: readonly number[], ranks: Parameters<typeof calibrationOf>[0]): CalibrationSummary {
  let first = 0;
  const parts = sizes.map((count) => {
    const made = calibrationOf({ ...ranks, first, count });
    first += count;
    return made;
  });
  return present(summarise(parts));
}

const low = (index: number) => Math.floor(even(index) ** 2 / 100);

test('measurements are joined: how fits are divided among them does not matter', () => {
  const ranks = { ranks: { mu: even, tau: low } };
  const one = divided([100], ranks);
  expect(divided([10, 10, 30, 50], ranks)).toEqual(one);
  expect(one.fits).toHaveLength(100);
  expect(one.quantities.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['mu', 'uniform'],
    ['tau', 'not uniform'],
  ]);
});

test('p values are corrected for all quantities: one of 20 outside of its band is chance', () => {
  // A little too low: outside of its own band, and no more.
  const a_little = (index: number) => (even(index) < 30 ? Math.floor(even(index) / 2) : even(index));
  const alone = divided([100], { ranks: { x: a_little } }).quantities[0]!;
  expect(alone.p_adjusted).toBeLessThan(0.05);
  expect(alone.p_adjusted).toBeGreaterThan(0.0025);
  expect(alone.verdict).toBe('not uniform');
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`q${index}`, even]));
  const among = divided([100], { ranks: { ...many, x: a_little } }).quantities.at(-1)!;
  expect(among.verdict).toBe('chance');
});

test('coverage has an interval over fits, for quantities of one fit depend on each other', () => {
  const { coverage, quantities } = divided([100], { ranks: { mu: even, same: even } });
  expect(coverage.map(({ level, share }) => [level, share])).toEqual([
    [50, 0.5],
    [80, 0.8],
    [90, 0.9],
  ]);
  // As of 100 fits, and not of 200 independent values: 0.9 ± 1.984 · √(0.09 · 100/99) / 10.
  const interval = present(coverage[2]!.interval);
  expect(interval.low).toBeCloseTo(0.8402, 4);
  expect(interval.high).toBeCloseTo(0.9598, 4);
  expect(quantities[0]!.coverage[2]).toMatchObject({ level: 90, hits: 90, of: 100 });
});

test('fits without a rank are left out of the ranks only; a quantity without any has no verdict', () => {
  const { fits, quantities } = divided([10], { ranks: { mu: (index) => (index < 3 ? null : 50), tau: () => null } });
  expect(fits).toHaveLength(10);
  expect(present(quantities[0]!.test).n).toBe(7);
  expect(quantities[1]).toMatchObject({
    verdict: 'unknown',
    p_adjusted: null,
    test: { reason: 'no fit has a rank of it' },
  });
  expect(quantities[1]!.coverage[0]).toMatchObject({ of: 0, interval: null });
});

test('what can not be counted together is refused', () => {
  const reasonOf = (...parts: Parameters<typeof summarise>[0]) => (summarise(parts) as { reason: string }).reason;
  expect(reasonOf()).toContain('no measurement');
  expect(reasonOf(calibrationOf(), calibrationOf())).toContain('the same fit');
  expect(reasonOf(calibrationOf(), { ...calibrationOf({ first: 10 }), draws_ranked: 49 })).toContain('(99, 49)');
  expect(reasonOf(calibrationOf(), calibrationOf({ first: 10, ranks: { tau: even } }))).toContain(
    'different quantities',
  );
});
