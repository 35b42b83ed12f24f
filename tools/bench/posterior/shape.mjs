import { join } from 'node:path';
import { repository } from '../workspace.mjs';

/** Roll calls whose gradients are timed, and what is sampled, on one core. */
export const shape = { sizes: [60, 500], fitted: 60, chains: 4, tune: 500, draws: 500 };

/** Fits that are compared from start to end, by roll calls: the last one samples for more than a minute. */
export const wholeShapes = { 60: shape, 500: { fitted: 500, chains: 4, tune: 1000, draws: 1000 } };

const senate = join(repository, 'studies/data/us-senate/senate-109');

/** A chamber of 102 members: the files of its votes and of its members. */
export const chamber = { votes: `${senate}.votes.csv`, legislators: `${senate}.legislators.csv` };

/** The worker's configuration for so many roll calls of it: the flat model with its usual priors. */
export const configuration = (files, rollcalls, { chains, tune, draws } = shape) => ({
  ...files,
  model: 'flat',
  polarity: 'party',
  sample: { rollcalls, seed: 7 },
  chains,
  tune,
  draws,
});
