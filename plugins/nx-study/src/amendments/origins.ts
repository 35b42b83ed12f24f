import { canonicalJson } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import type { AcceptedChange, Identity, MeasurementRecord } from '../record/schema.ts';
import type { Acceptance, State } from './accepted.ts';

/** A state of a worker whose outcomes hold for a later one, by the acceptances that lead there, the earliest first. */
interface Earlier {
  state: State;
  changes: AcceptedChange[];
}

/** An earlier state, with the digest that a measurement had in it. */
export interface Origin extends State {
  digest: string;
  changes: AcceptedChange[];
}

/** The states in which an outcome holds for an identity, by one accepted change or several in a row; the nearest first. */
export const originsOf = (identity: Identity, accepted: readonly Acceptance[], hash: Sha256): Origin[] =>
  withDigests(
    earlierStates(identity.worker, identity, accepted).map(({ state, changes }) => ({ ...state, changes })),
    identity,
    hash,
  );

/** Origins with the digests that a measurement of this identity had there. */
export const withDigests = (origins: readonly Omit<Origin, 'digest'>[], identity: Identity, hash: Sha256): Origin[] =>
  origins.map(({ code, environment, changes }) => ({
    code,
    environment,
    changes,
    digest: hash(canonicalJson({ ...identity, code, environment })),
  }));

function earlierStates(worker: string, present: State, accepted: readonly Acceptance[]): Earlier[] {
  const found: Earlier[] = [];
  const seen = new Set([keyOf(present)]);
  let last: Earlier[] = [{ state: present, changes: [] }];
  while (last.length > 0) {
    last = last.flatMap((later) => before(worker, later, accepted)).filter(({ state }) => isNew(seen, keyOf(state)));
    found.push(...last);
  }
  return found;
}

const before = (worker: string, { state, changes }: Earlier, accepted: readonly Acceptance[]): Earlier[] =>
  accepted.flatMap(({ because, at, by, changes: pairs }) =>
    pairs
      .filter((pair) => pair.worker === worker && keyOf(pair.to) === keyOf(state))
      .map(({ from }) => ({ state: from, changes: [{ because, at, by }, ...changes] })),
  );

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

const keyOf = ({ code, environment }: State): string => `${code} ${environment}`;

/** The origin in which something was measured. */
export const originOf = <T extends State>(measured: State, origins: readonly T[]): T | undefined =>
  origins.find((origin) => keyOf(origin) === keyOf(measured));

/** Whether a record holds for a measurement with these origins: what was accepted may have been withdrawn. */
export const holdsFor = ({ accepted, identity }: MeasurementRecord, origins: readonly Origin[]): boolean =>
  accepted === null || originOf(identity, origins) !== undefined;

/** Whether the acceptances by which a record was adopted still stand. */
export const isStanding = ({ accepted, identity, worker }: MeasurementRecord, all: readonly Acceptance[]): boolean =>
  accepted === null ||
  originOf(
    identity,
    earlierStates(worker, accepted, all).map(({ state }) => state),
  ) !== undefined;
