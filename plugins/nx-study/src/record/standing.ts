import type { Identity, MeasurementRecord } from './schema.ts';

/** The identity that a record stands for: as measured, or as accepted since. */
export function standingIdentity({ identity, accepted }: MeasurementRecord): Identity {
  return accepted === null ? identity : { ...identity, code: accepted.code, environment: accepted.environment };
}
