import { basename } from 'node:path';
import { canonicalJson } from '../base/canonical.ts';
import { groupBy } from '../base/group-by.ts';
import { failureState } from './failures.ts';
import type { Plan } from '../plan/types.ts';
import { DIGEST_DIGITS, isPartial } from '../record/paths.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored, Unusable } from '../record/read.ts';
import type { Failure, MeasurementRecord } from '../record/schema.ts';
import type { State } from './states.ts';
import { standingIdentity } from '../record/standing.ts';

/** What lies on the disk of a measurement. */
export interface Lying {
  stored: readonly Stored[];
  unusable: readonly Unusable[];
}

export interface Chosen {
  state: State;
  /** The attempt that stands for the measurement; null where there is none, or none that is whole. */
  stored: Stored | null;
  /** Why the finished measurement doesn't count; null in all other states. */
  damage: Unusable | null;
  /** Attempts at the same digest, this one included. */
  attempts: number;
  earlier: Earlier;
}

/** Attempts at the same measurement that are not shown. */
export interface Earlier {
  /** Measured, and equal in all but the take. */
  takes: number;
  /** Measured with other settings, data or code. */
  versions: number;
  /** How the latest one failed, where nothing else is known. */
  failure: Failure['type'] | null;
}

/** Whether the supervisor of a record that says `running` still lives. */
export type IsAlive = (supervisor: MeasurementRecord['supervisor']) => boolean;

/** All that it takes to tell where a study's measurements stand. */
export interface Choice extends Lying {
  plan: Pick<Plan, 'measurements' | 'experiments'>;
  /** Measurement id → digest, as of now. */
  currentDigests: ReadonlyMap<string, string>;
  isAlive: IsAlive;
}

/** Measurement id → which of its attempts counts, in the order of the plan. */
export function chooseAll({ plan, stored, unusable, currentDigests, isAlive }: Choice): Map<string, Chosen> {
  const attempts = groupBy(stored, ({ record }) => record.id);
  const unusableOf = groupBy(unusable, ({ id }) => id);
  const expectations = new Map(plan.experiments.map(({ id, expect }) => [id, expect]));
  return new Map(
    plan.measurements.map(({ id, experiment }) => {
      const lying = { stored: attempts.get(id) ?? [], unusable: unusableOf.get(id) ?? [] };
      return [id, choose(lying, currentDigests.get(id), expectations.get(experiment) ?? null, isAlive)];
    }),
  );
}

/** Which of a measurement's attempts counts, given the digest that it has now. */
export function choose(
  { stored: attempts, unusable }: Lying,
  digest: string | undefined,
  expect: 'failed' | null,
  isAlive: IsAlive,
): Chosen {
  const byStart = attempts
    // What is measured and lies elsewhere was put aside, unless its supervisor was killed after the result was complete.
    .filter((one) => one.record.outcome !== 'measured' || isMeasured(one) || isPartial(one.directory))
    .toSorted((a, b) => a.record.started_at.localeCompare(b.record.started_at));
  const current = byStart.filter(({ record }) => record.digest === digest);
  const measured = byStart.filter(isMeasured);
  const whole = current.findLast(isMeasured) ?? null;
  const damage = whole === null ? (unusable.find((one) => isFinishedOf(one, digest)) ?? null) : null;
  const stored = damage === null ? (whole ?? current.at(-1) ?? latestTake(measured) ?? null) : null;
  return {
    stored,
    damage,
    state: damage !== null ? 'damaged' : stored === null ? 'pending' : stateOf(stored, digest, expect, isAlive),
    attempts: Math.max(current.length, ...current.map(({ record }) => record.attempt)),
    earlier: {
      ...countEarlier(measured, stored),
      failure: stored === null ? (byStart.at(-1)?.record.failure?.type ?? null) : null,
    },
  };
}

const isFinishedOf = ({ directory }: Unusable, digest: string | undefined): boolean =>
  digest !== undefined && basename(directory) === digest.slice(0, DIGEST_DIGITS);

function latestTake(measured: readonly Stored[]): Stored | undefined {
  return measured.toSorted((a, b) => a.record.take - b.record.take).at(-1);
}

function stateOf(stored: Stored, digest: string | undefined, expect: 'failed' | null, isAlive: IsAlive): State {
  const { outcome, supervisor, failure, retry_requested_at, digest: own } = stored.record;
  if (own !== digest) return 'stale';
  if (isMeasured(stored)) return 'measured';
  if (outcome === 'running' && isAlive(supervisor)) return 'running';
  if (failure === null) return 'interrupted';
  // Somebody asked for another attempt.
  return retry_requested_at === null ? failureState(failure, expect) : 'pending';
}

function countEarlier(measured: readonly Stored[], shown: Stored | null): Pick<Earlier, 'takes' | 'versions'> {
  const others = measured.filter((one) => !shown || !isSameRun(one.record, shown.record));
  if (others.length === 0 || shown === null) return { takes: 0, versions: others.length };
  const key = withoutTake(shown.record);
  const takes = others.filter(({ record }) => withoutTake(record) === key).length;
  return { takes, versions: others.length - takes };
}

// What was adopted over an accepted change lies beside what it was adopted from.
const isSameRun = (one: MeasurementRecord, other: MeasurementRecord): boolean =>
  one.started_at === other.started_at && canonicalJson(one.identity) === canonicalJson(other.identity);

const withoutTake = (record: MeasurementRecord) => canonicalJson({ ...standingIdentity(record), take: 0 });
