import { expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { comparisonOf, smallerThan } from '../../../plugins/nx-study/src/state/monotone.ts';
import { ranOutOfMemory } from '../../../plugins/nx-study/src/state/out-of-memory.ts';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import type { Identity, MeasurementRecord } from '../../../plugins/nx-study/src/record/schema.ts';

const identityOf = (configuration: JsonObject, change: Partial<Identity> = {}): Identity => ({
  protocol: 1,
  worker: 'engine',
  configuration,
  code: 'c',
  environment: 'e',
  platform: { gpu: 'one' },
  cpus: null,
  env: {},
  repetition: 1,
  seed: 7,
  take: 1,
  ...change,
});
const record = (id: string, configuration: JsonObject, change: Partial<Identity> = {}) =>
  ({ id, identity: identityOf(configuration, change) }) as MeasurementRecord;

const monotone = [
  { worker: null, path: ['batch'] },
  { worker: null, path: ['tokens', 'prompt'] },
];
const failed = record('failed', { batch: 4, tokens: { prompt: 100, new: 8 }, type: 'f16' });
const hash = await sha256();
const taskOf = (configuration: JsonObject, change: Partial<Identity> = {}) => {
  const identity = identityOf(configuration, change);
  const { worker, repetition, seed, take } = identity;
  return { worker, configuration, repetition, seed, take, digest: hash(canonicalJson(identity)) };
};
const smaller = (configuration: JsonObject, change: Partial<Identity> = {}) =>
  smallerThan(taskOf(configuration, change), monotone, [failed], hash)?.id ?? null;

it('finds one that is no larger in any monotone setting, and equal in all others', () => {
  const tokens = { prompt: 100, new: 8 };
  expect(smaller({ batch: 8, tokens, type: 'f16' })).toBe('failed');
  expect(smaller({ batch: 4, tokens: { prompt: 101, new: 8 }, type: 'f16' })).toBe('failed');
  expect(smaller({ batch: 4, tokens, type: 'f16' }, { repetition: 2, seed: 8, take: 3 })).toBe('failed');
  expect(smaller({ batch: 8, tokens: { prompt: 99, new: 8 }, type: 'f16' })).toBeNull();
  expect(smaller({ batch: 3, tokens, type: 'f16' })).toBeNull();
  expect(smaller({ batch: 8, tokens, type: 'f32' })).toBeNull();
  expect(smaller({ batch: 8, tokens: { prompt: 100, new: 9 }, type: 'f16' })).toBeNull();
});

it('knows nothing of another machine, other code, or another worker', () => {
  const configuration = { batch: 8, tokens: { prompt: 100, new: 8 }, type: 'f16' };
  expect(smaller(configuration, { platform: { gpu: 'two' } })).toBeNull();
  expect(smaller(configuration, { code: 'd' })).toBeNull();
  expect(smaller(configuration, { worker: 'other' })).toBeNull();
});

it('compares numbers only, and only settings of the own worker', () => {
  const only = (worker: string) => [{ worker, path: ['batch'] }];
  const flat = record('flat', { batch: 4 });
  expect(smallerThan(taskOf({ batch: 8 }), only('engine'), [flat], hash)?.id).toBe('flat');
  expect(smallerThan(taskOf({ batch: 8 }), only('other'), [flat], hash)).toBeNull();
  expect(smallerThan(taskOf({ batch: 'auto' }), only('engine'), [record('auto', { batch: 'auto' })], hash)).toBeNull();
  expect(smallerThan(taskOf({ batch: 8 }), only('engine'), [record('auto', { batch: null })], hash)).toBeNull();
});

it('sets the compared settings side by side', () => {
  const larger = { batch: 8, tokens: { prompt: 100 } };
  expect(comparisonOf(larger, { batch: 4, tokens: { prompt: 100 } }, monotone)).toEqual([
    { setting: 'batch', larger: 8, smaller: 4 },
    { setting: 'tokens.prompt', larger: 100, smaller: 100 },
  ]);
});

it('counts the last attempt of each digest, unless a retry was requested or has a result', () => {
  const attempt = (id: string, digest: string, type: string, retry_requested_at: string | null = null) =>
    ({ id, digest, failure: { type }, retry_requested_at }) as MeasurementRecord;
  const attempts = [
    attempt('again', 'a', 'oom'),
    attempt('crashed', 'a', 'crash'),
    attempt('still', 'b', 'crash'),
    attempt('still', 'b', 'oom'),
    attempt('retry', 'c', 'oom', '2026-03-01T10:00:00Z'),
    attempt('measured', 'd', 'oom'),
  ];
  expect(ranOutOfMemory(attempts, ({ digest }) => digest === 'd').map(({ id }) => id)).toEqual(['still']);
});
