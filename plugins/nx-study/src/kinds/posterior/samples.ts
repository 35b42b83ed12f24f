import { isAbsent } from '../../base/known.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { leaves } from '../../base/path.ts';
import { derivedOf } from '../evidence.ts';
import type { Evidence, Sample } from '../kind.ts';
import { calibrationSamples } from './calibration/samples.ts';
import { derivedSchema } from './schema.ts';

/**
 * Fits of simulated data; and the lists in the derived sections, such as the positions of legislators: each entry is a sample. Its numbers are its
 * quantities, by their dotted paths; the first of its texts names it, and all texts are its attributes.
 */
export function samplesOf(evidence: Evidence): Sample[] {
  const derived = derivedOf(evidence, derivedSchema);
  if (isAbsent(derived)) return [];
  const ofFits = derived.calibration === undefined ? [] : calibrationSamples(derived.calibration);
  return [...ofFits, ...ofSections(derived['sections'])];
}

function ofSections(sections: unknown): Sample[] {
  if (!isJsonObject(sections)) return [];
  return Object.entries(sections).flatMap(([section, content]) =>
    Object.entries(isJsonObject(content) ? content : {}).flatMap(([list, entries]) =>
      objectsIn(entries).map((entry, index) => sampleOf(`${section}.${list}`, index, entry)),
    ),
  );
}

const objectsIn = (value: Json): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

function sampleOf(sample: string, index: number, entry: JsonObject): Sample {
  const found = leaves(entry).map(({ path, value }) => ({ name: path.join('.'), value }));
  const attributes = found.filter(({ value }) => typeof value === 'string' || typeof value === 'boolean');
  const texts = found.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return {
    workload: null,
    sample,
    index,
    item: texts[0] ?? null,
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    status: null,
    quantities: found.flatMap(({ name, value }) => numbersIn(name, value)),
  };
}

/** A number; or those of a list, such as the two ends of an interval, as `<name>.0`, `<name>.1`. */
function numbersIn(name: string, value: Json): Sample['quantities'] {
  if (typeof value === 'number') return [{ name, unit: '', value }];
  return Array.isArray(value) ? value.flatMap((inner, index) => numbersIn(`${name}.${index}`, inner)) : [];
}
