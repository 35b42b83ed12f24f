import { expect, it } from 'vitest';
import { isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import { experimentRemark } from '../../../plugins/nx-study/src/commands/report/experiments.ts';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import { monteCarloNote } from '../../../plugins/nx-study/src/comparisons/monte-carlo-note.ts';
import { comparisonsTable } from '../../../plugins/nx-study/src/comparisons/table.ts';
import type { Comparisons } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { payload } from '../kinds/evidence.ts';
import { realJson } from '../kinds/posterior/real.ts';
import type { Prior } from '../kinds/posterior/real.ts';
import { measuredStudy } from './study.ts';

const priors = (times: number) => {
  const values = Array.from({ length: times }, () => ({}));
  return measuredStudy({ normal: values, lognormal: values, halfnormal: values }, {}, (label) => ({
    kind: 'posterior',
    payload,
    derived: realJson(label as Prior),
  }));
};

const gapOf = ({ metrics }: Comparisons, label: string) => {
  const { entries } = metrics.find(({ metric }) => metric.name === 'party_gap')!;
  const { against } = entries.find(({ alternative }) => alternative.name === label)!;
  if (isAbsent(against)) throw new Error(against.reason);
  return against;
};

it('a difference within 2 Monte Carlo errors is none, also without repetitions', async () => {
  const { comparisons, results } = await priors(1);
  expect(gapOf(comparisons, 'halfnormal')).toMatchObject({
    estimate: expect.closeTo(-0.000_119, 6),
    monte_carlo: { mcse: expect.closeTo(0.000_184_6, 6) },
    conclusion: 'not told apart',
  });
  expect(gapOf(comparisons, 'lognormal')).toMatchObject({
    monte_carlo: { mcse: expect.closeTo(0.000_193_5, 6) },
    conclusion: 'no interval',
  });
  expect(answerOf(results, comparisons).join(' ')).toContain(
    "the party gap under `halfnormal` can't be told from 1.8299",
  );
});

it('repetitions have it in their spread', async () => {
  const { comparisons } = await priors(3);
  expect(isAbsent(gapOf(comparisons, 'halfnormal').monte_carlo)).toBe(true);
});

it('an interval over repetitions of a number that is computed from draws is told from other intervals', async () => {
  const { comparisons } = await measuredStudy(
    Object.fromEntries(['normal', 'lognormal'].map((label) => [label, [{}, {}, {}]])),
    { relevant: { apre: 0.02 } },
    (label, repetition) => {
      const derived = realJson(label as Prior);
      const noise = [0, 0.001, -0.001][repetition - 1]!;
      derived.estimates.apre.mean += noise;
      derived.estimates.party_gap.mean += noise;
      return {
        kind: 'posterior',
        payload: { ...payload, timings: { ...payload.timings, sample_s: 30 + repetition } },
        derived,
      };
    },
  );
  const note =
    "Intervals over repetitions of party gap, APRE are Monte Carlo intervals: only the sampler's seed differs. They say how exactly a number was computed, not how uncertain it is, given the data";
  expect(monteCarloNote(comparisons.metrics)).toEqual([note]);
  expect(experimentRemark(comparisons)).toContain(note);
  const { columns } = comparisonsTable('s', comparisons);
  const cells = (name: string) => columns.find((column) => column.name === name)!.cells;
  const words = new Map(cells('metric').map((metric, index) => [metric, cells('interval')[index]]));
  expect(words.get('apre')).toMatch(/over seeds of the sampler: Monte Carlo error only$/);
  expect(words.get('sample_s')).not.toMatch(/Monte Carlo/);
});

it('one number that is computed from all draws has its Monte Carlo error, too', async () => {
  const { comparisons } = await measuredStudy(
    { normal: [{}], lognormal: [{}] },
    { relevant: { apre: 0.02 } },
    (label) => {
      const derived = realJson(label as Prior);
      derived.estimates.apre = {
        ...derived.estimates.apre,
        mean: label === 'normal' ? 0.647 : 0.649,
        mcse_mean: 0.001,
      };
      return { kind: 'posterior', payload, derived };
    },
  );
  const { entries } = comparisons.metrics.find(({ metric }) => metric.name === 'apre')!;
  expect(entries[1]!.against).toMatchObject({
    monte_carlo: { mcse: expect.closeTo(Math.SQRT2 * 0.001, 9) },
    conclusion: 'not told apart',
  });
});
