import { canonicalJson } from '../../base/canonical.ts';
import { isJsonObject } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';

/** The settings that say for how long a workload is measured, under the names that all workers of this kind use. */
const DURATIONS = ['warmup', 'settle', 'measure', 'energy'];
/** How long a call takes depends on these: where `measure` counts calls, or requests, the time follows them. */
const LENGTHS = ['prompt_tokens', 'new_tokens'];

/**
 * Whether two configurations measure as many workloads, each for as long, with calls of the same lengths, or with the arrivals of the
 * same trace. What else differs, such as an engine or a load, changes the time, too: how much, only a measurement tells.
 */
export const asksForAsMuch = (planned: JsonObject, measured: JsonObject): boolean =>
  workOf(planned) === workOf(measured);

function workOf(configuration: JsonObject): string {
  const { workloads } = configuration;
  const own = Array.isArray(workloads) && workloads.length > 0 ? workloads.filter(isJsonObject) : [{}];
  const each = own.map((workload: JsonObject) => {
    const settings = { ...configuration, ...written(workload) };
    return [picked(settings, LENGTHS), traceOf(settings)];
  });
  return canonicalJson([picked(configuration, DURATIONS), each]);
}

/** What is null in a workload comes from the settings of all. */
const written = (workload: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(workload).filter(([, value]) => value !== null));

const picked = (settings: JsonObject, names: string[]) => names.map((name) => settings[name] ?? null);

const traceOf = ({ load }: JsonObject) => (isJsonObject(load) && load['mode'] === 'replay' ? load : null);
