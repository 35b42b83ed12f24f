import { z } from 'zod';
import { payloadOf } from '../evidence.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Evidence, Kind, Metric } from '../kind.ts';
import { refuseLongNames } from '../names.ts';
import { unitOf } from './units.ts';

const REASONS = 'reasons';

/** `{"<name>_<unit>": number | null, …, "reasons": {"<name>_<unit>": text}}`. */
const payloadSchema = z
  .object({ [REASONS]: z.record(z.string(), z.string()).optional() })
  .catchall(z.number('a number or null').nullable())
  .superRefine((payload, context) => refuseLongNames(Object.keys(payload), context));

/** Named numbers, for small workers of one's own: each is a metric, its unit is the end of its name. No gates. */
export const values: Kind = {
  name: 'values',
  payload: payloadSchema,
  derived: null,
  workloads: (evidence) => [{ name: null, metrics: valuesMetrics(evidence), facts: [], findings: [] }],
  gates: [],
  objectives: [],
};

function valuesMetrics(evidence: Evidence): Metric[] {
  const payload = payloadOf(evidence, payloadSchema);
  if (isAbsent(payload)) return [];
  const { [REASONS]: reasons = {}, ...numbers } = payload;
  return Object.entries(numbers).map(([name, value]) => {
    const { label, unit } = unitOf(name);
    const reason = Object.hasOwn(reasons, name) ? reasons[name]! : 'null, without a reason';
    return toMetric({ name, label, unit, main: true, better: null, description: name }, value ?? absent(reason));
  });
}
