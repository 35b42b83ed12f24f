import { canonicalJson } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import type { AcceptedChange, Identity, MeasurementRecord } from '../record/schema.ts';
import type { Acceptance, WorkerVersion } from './accepted.ts';

/** A version of a worker whose outcomes count for a later one, with the accepted changes between them, the earliest first. */
interface EarlierVersion {
  version: WorkerVersion;
  changes: AcceptedChange[];
}

/** An earlier version, with the digest that a measurement had in it. */
export interface Origin extends WorkerVersion {
  digest: string;
  changes: AcceptedChange[];
}

/**
 * The earlier versions of a worker whose outcomes count for an identity, by one accepted change or several in a row; the
 * nearest first. Each has the digest of the same measurement in that version.
 */
export const originsOf = (identity: Identity, accepted: readonly Acceptance[], hash: Sha256): Origin[] =>
  withDigests(
    earlierVersions(identity.worker, identity, accepted).map(({ version, changes }) => ({ ...version, changes })),
    identity,
    hash,
  );

/** Adds to each version the digest that a measurement of this identity had in it. */
export const withDigests = (origins: readonly Omit<Origin, 'digest'>[], identity: Identity, hash: Sha256): Origin[] =>
  origins.map(({ code, environment, changes }) => ({
    code,
    environment,
    changes,
    digest: hash(canonicalJson({ ...identity, code, environment })),
  }));

function earlierVersions(worker: string, present: WorkerVersion, accepted: readonly Acceptance[]): EarlierVersion[] {
  const found: EarlierVersion[] = [];
  const seen = new Set([keyOf(present)]);
  let last: EarlierVersion[] = [{ version: present, changes: [] }];
  while (last.length > 0) {
    last = last
      .flatMap((later) => before(worker, later, accepted))
      .filter(({ version }) => isNew(seen, keyOf(version)));
    found.push(...last);
  }
  return found;
}

const before = (
  worker: string,
  { version, changes }: EarlierVersion,
  accepted: readonly Acceptance[],
): EarlierVersion[] =>
  accepted.flatMap(({ because, at, by, changes: pairs }) =>
    pairs
      .filter((pair) => pair.worker === worker && keyOf(pair.to) === keyOf(version))
      .map(({ from }) => ({ version: from, changes: [{ because, at, by }, ...changes] })),
  );

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

const keyOf = ({ code, environment }: WorkerVersion): string => `${code} ${environment}`;

/** The origin with the version that was measured; undefined when it is none of them. */
export const originOf = <T extends WorkerVersion>(measured: WorkerVersion, origins: readonly T[]): T | undefined =>
  origins.find((origin) => keyOf(origin) === keyOf(measured));

/** Whether a record counts for a measurement with these origins: it needs no acceptance, or the acceptance was not withdrawn. */
export const holdsFor = ({ accepted, identity }: MeasurementRecord, origins: readonly Origin[]): boolean =>
  accepted === null || originOf(identity, origins) !== undefined;

/** Whether the acceptances by which a record was reused still stand. */
export const isStanding = ({ accepted, identity, worker }: MeasurementRecord, all: readonly Acceptance[]): boolean =>
  accepted === null ||
  originOf(
    identity,
    earlierVersions(worker, accepted, all).map(({ version }) => version),
  ) !== undefined;
