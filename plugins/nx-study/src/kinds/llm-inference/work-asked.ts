import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';

/** The settings that say for how long a workload is measured, under the names that all workers of this kind use. */
const LENGTHS = ['warmup', 'settle', 'measure'];

/** Whether two configurations measure as many workloads, each for as long: what else differs changes the time by less. */
export const asksForAsMuch = (planned: JsonObject, measured: JsonObject): boolean =>
  lengthsOf(planned) === lengthsOf(measured);

function lengthsOf(configuration: JsonObject): string {
  const { workloads } = configuration;
  const count = Array.isArray(workloads) ? workloads.length : 1;
  return canonicalJson([count, ...LENGTHS.map((name) => configuration[name] ?? null)]);
}
