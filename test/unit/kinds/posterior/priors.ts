import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';

/** Of real measurements with `sampler: prior`: five values under a normal model of `pymc`, and votes of `ideal-point`. */
export type Drawn = 'prior' | 'prior-votes';

/** Payload and derived object, as JSON, free to change. */
export const drawnJson = (name: Drawn): { payload: JsonObject; derived: JsonObject } =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../fixtures/posteriors/${name}.json`), 'utf8'));

/** The same under a prior that is so many times as wide. */
export function widerJson(times: number): ReturnType<typeof drawnJson> {
  const { payload, derived } = drawnJson('prior');
  const { estimates } = derived['prior'] as {
    estimates: Record<string, { value: number; quantiles: number[] | null }>;
  };
  for (const one of Object.values(estimates)) {
    one.value *= times;
    one.quantiles = one.quantiles?.map((quantile) => quantile * times) ?? null;
  }
  return { payload, derived };
}
