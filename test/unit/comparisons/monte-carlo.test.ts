import { expect, it } from 'vitest';
import { isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
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
