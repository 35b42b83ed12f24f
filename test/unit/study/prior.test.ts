import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unjudged } from '../../../plugins/nx-study/src/study/gates.ts';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { studyText } from './workspace.ts';

const workers = readWorkers(join(import.meta.dirname, '../../..'));
const made = async (study: object) => makePlan('studies/s/study.yaml', studyText(study), await workers);
const messages = async (study: object) =>
  (await made(study)).issues.map(({ message, hint }) => [message, hint].filter(Boolean).join(' '));

const pymc = { worker: 'pymc', base: { model: 'model.py', sampler: 'prior' } };
const votes = { votes: 'votes.csv', legislators: 'legislators.csv' };

describe('with `sampler: prior`', () => {
  test.each([
    [pymc, { chains: 2 }, "`chains` can't be 2 here With `sampler: prior` nothing is sampled: leave it out, or at 4."],
    [pymc, { tune: 500 }, "`tune` can't be 500 here"],
    [pymc, { target_accept: 0.9 }, "`target_accept` can't be 0.9 here"],
    [pymc, { adaptation: 'low_rank' }, "`adaptation` can't be low_rank here"],
    [pymc, { keep: 'summary' }, "`keep` can't be summary here"],
    [pymc, { simulate: 'prior' }, "`simulate` can't be prior here"],
    [
      { worker: 'ideal-point', base: { ...votes, model: 'hierarchical', sampler: 'prior' } },
      { parametrisation: 'centred' },
      "`parametrisation` can't be centred here",
    ],
  ])('%#: a setting without effect is refused, with the reason', async (study, change, message) => {
    const told = await messages({ ...study, base: { ...study.base, ...change } });
    expect(told.join('\n').replaceAll('"', '')).toContain(message);
  });

  test.each([
    [{ ...pymc, base: { model: 'model.py' } }, 'summary'],
    [{ worker: 'ideal-point', base: votes }, 'summary'],
    [{ worker: 'ideal-point', base: votes }, { every: 10 }],
  ])('%#: simulated fits and the prior keep their draws', async (study, keep) => {
    for (const [change, reason] of [
      [{ sampler: 'prior' }, 'With `sampler: prior` nothing is sampled'],
      [{ simulate: 'prior' }, 'Simulated fits always keep the draws that their ranks are computed from'],
    ] as const) {
      const { issues } = await made({ ...study, base: { ...study.base, ...change, keep } });
      expect(issues.map(({ message, hint }) => [message, hint].join(' '))).toEqual([
        expect.stringMatching(new RegExp(`\`keep\` can't be .* here ${reason}: leave it out, or at "all"\\.`)),
      ]);
      expect(issues[0]).toMatchObject({ path: 'base.keep', file: 'studies/s/study.yaml', line: 1 });
    }
    expect(await messages({ ...study, base: { ...study.base, keep } })).toEqual([]);
  });

  test('settings at their defaults, and the number of draws, are not', async () => {
    expect(await messages({ ...pymc, base: { ...pymc.base, draws: 200, chains: 4 } })).toEqual([]);
  });

  test('a sweep of priors shares its seed, so that experiments draw with the same random numbers', async () => {
    const { plan } = await made({ ...pymc, sweep: { 'config.sd': [1, 10] } });
    expect(new Set(plan!.measurements.map(({ seed }) => seed)).size).toBe(1);
  });

  test('a gate of the study that judges none of its experiments is refused', async () => {
    const told = await messages({ ...pymc, gates: { rhat_max: 1.05 } });
    expect(told).toEqual([expect.stringContaining('the gate `rhat_max` applies to no experiment of this study')]);
  });

  test('one that judges some of them is not; the others are counted', async () => {
    const mixed = { worker: 'pymc', base: { model: 'model.py' }, sweep: { sampler: ['nutpie', 'prior'] } };
    const { plan, issues } = await made({ ...mixed, gates: { rhat_max: 1.05 } });
    expect(issues).toEqual([]);
    expect(unjudged(plan!, await workers).map(({ label }) => label)).toEqual(['prior']);
  });
});
