import { expect, it } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import type { Acceptance } from '../../../plugins/nx-study/src/amendments/accepted.ts';
import { holdsFor, isStanding, originsOf } from '../../../plugins/nx-study/src/amendments/origins.ts';
import { digestOf } from '../../../plugins/nx-study/src/graph/identity.ts';
import type { Identity, MeasurementRecord } from '../../../plugins/nx-study/src/record/schema.ts';

const identityOf = (code: string, environment: string | null = 'e1'): Identity => ({
  protocol: 1,
  worker: 'w',
  configuration: { draws: 500 },
  code,
  environment,
  platform: null,
  cpus: null,
  env: {},
  repetition: 1,
  seed: 7,
  take: 1,
});

const accepting = (because: string, from: string, to: string, worker = 'w'): Acceptance => {
  const stateOf = (text: string) => {
    const [code, environment = 'e1'] = text.split(' ');
    return { code: code!, environment };
  };
  const changes = [{ worker, from: stateOf(from), to: stateOf(to) }];
  return { because, at: '2026-03-01T10:00:00Z', by: null, changes };
};

const hash = await sha256();
const reached = (identity: Identity, accepted: Acceptance[]) =>
  originsOf(identity, accepted, hash).map(
    ({ code, environment, changes }) => `${code} ${environment}: ${changes.map(({ because }) => because).join(', ')}`,
  );

it('nothing is accepted by itself', () => {
  expect(reached(identityOf('b'), [])).toEqual([]);
});

it('accepted changes add up, nearest first, in one direction and for one worker', () => {
  const chain = [accepting('1', 'a', 'b'), accepting('2', 'b', 'c'), accepting('3', 'c', 'd')];
  expect(reached(identityOf('c'), chain)).toEqual(['b e1: 2', 'a e1: 1, 2']);
  expect(reached(identityOf('a'), chain)).toEqual([]);
  expect(reached({ ...identityOf('c'), worker: 'v' }, chain)).toEqual([]);
});

it('ends where changes lead back, and takes the shortest way', () => {
  const circle = [
    accepting('1', 'a', 'b'),
    accepting('2', 'b', 'a'),
    accepting('3', 'x', 'a'),
    accepting('4', 'x', 'b'),
  ];
  expect(reached(identityOf('b'), circle)).toEqual(['a e1: 1', 'x e1: 4']);
});

it('a change of both code and environment is accepted as a whole', () => {
  const both = [accepting('both', 'a e1', 'b e2')];
  expect(reached(identityOf('b', 'e2'), both)).toEqual(['a e1: both']);
  expect(reached(identityOf('b', 'e1'), both)).toEqual([]);
  expect(reached(identityOf('a', 'e2'), both)).toEqual([]);
});

it('an origin’s digest is the one that the measurement had there', async () => {
  const [origin] = originsOf(identityOf('b'), [accepting('1', 'a', 'b')], hash);
  expect(origin!.digest).toBe(await digestOf(identityOf('a')));
});

it('what was reused holds as long as its acceptances stand', () => {
  const accepted = [accepting('1', 'a', 'b')];
  const origins = originsOf(identityOf('b'), accepted, hash);
  const reused = { worker: 'w', identity: identityOf('a'), accepted: { code: 'b', environment: 'e1', changes: [] } };
  const record = reused as unknown as MeasurementRecord;
  expect(holdsFor(record, origins)).toBe(true);
  expect(holdsFor(record, [])).toBe(false);
  expect(holdsFor({ ...record, accepted: null }, [])).toBe(true);
  expect(isStanding(record, accepted)).toBe(true);
  expect(isStanding(record, [accepting('1', 'x', 'b')])).toBe(false);
});
