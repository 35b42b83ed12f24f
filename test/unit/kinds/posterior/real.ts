import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { derivedSchema } from '../../../../plugins/nx-study/src/kinds/posterior/schema.ts';
import type { Derived } from '../../../../plugins/nx-study/src/kinds/posterior/schema.ts';

/** The three priors of the study senate-beta-prior. */
export type Prior = 'normal' | 'lognormal' | 'halfnormal';

/** What was derived from a real measurement, of which 12 of 102 senators and 40 of 5,881 votes are kept; as JSON, free to change. */
export const realJson = (prior: Prior): ReturnType<typeof JSON.parse> =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../fixtures/posteriors/${prior}.json`), 'utf8'));

export const real = (prior: Prior): Derived => derivedSchema.parse(realJson(prior));
