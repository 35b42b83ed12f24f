import { expect, test } from 'vitest';
import { callsOf, codesIn, factIn, offline, workloadOf, workloadsOf, payloadOf } from './payload.ts';

const { asked, effective } = payloadOf().settings;
const load = payloadOf().load;
const warmup = offline.warmup;

test('a sound measurement has none', () => {
  expect(codesIn(workloadOf())).toEqual([]);
});

test('a warm-up that did not converge', () => {
  const part = workloadOf({ ...offline, warmup: { ...warmup, converged: false, cv: 0.21 } });
  expect(codesIn(part)).toEqual(['not-converged']);
  expect(part.findings[0]?.message).toContain('(variation 0.210, target 0.05)');
  expect(factIn(part, 'warmup_converged')).toBe(false);
});

test('a warm-up that was not judged is neither good nor bad', () => {
  const part = workloadOf({ ...offline, warmup: { samples_s: [], converged: null, target_cv: null, cv: null } });
  expect(codesIn(part)).toEqual([]);
  expect(factIn(part, 'warmup_converged')).toBe('not judged');
});

test('the cap came first', () => {
  expect(codesIn(workloadOf({ ...offline, stopped_by: 'max_s' }))).toEqual(['capped']);
});

test('a slow first call', () => {
  const calls = [0.5, 0.51, 0.49, 0.5, 0.52, 0.48, 0.5, 0.51, 0.5];
  const part = workloadOf(callsOf([2, ...calls]));
  expect(codesIn(part)).toEqual(['slow-first-iteration']);
  expect(part.findings[0]?.message).toContain('took 2.000 s, the median one 0.500 s');
  expect(codesIn(workloadOf(callsOf([...calls, 2])))).toEqual([]);
  expect(codesIn(workloadOf(callsOf([0.1, ...calls])))).toEqual([]);
});

test.each([
  [null, ['cold-unverified']],
  [false, ['cold-unverified']],
  [true, []],
])('a cold start with cold: %s', (cold, codes) => {
  const settings = { asked: { ...asked, start: 'cold' }, effective };
  expect(codesIn(workloadOf(offline, { settings, load: { ...load, cold } }))).toEqual(codes);
});

test('several workloads share a process, and equal ones are numbered', () => {
  expect(workloadsOf([offline, callsOf([1]), offline]).map(({ name }) => name)).toEqual([
    '2×10+3',
    '1×10+2',
    '2×10+3 (2)',
  ]);
  const workloads = workloadsOf([offline, offline, offline]);
  expect(workloads.map(codesIn)).toEqual([['shared-process'], ['shared-process'], ['shared-process']]);
});

test('random weights', () => {
  expect(codesIn(workloadOf(offline, { model: { ...payloadOf().model, weights: 'random' } }))).toEqual([
    'synthetic-weights',
  ]);
});

test('a setting that the engine did not follow', () => {
  const of = (context_size: number) =>
    workloadOf(offline, { settings: { asked: { context_size: 1000 }, effective: { context_size } } }).findings;
  expect(of(768)).toEqual([
    { code: 'setting-differs', message: '"context_size": 1000 was asked for, 768 was in effect' },
  ]);
  // Room that was rounded up.
  expect(of(1024)).toEqual([]);
});

test('warnings of the payload are passed on', () => {
  const warnings = [{ code: 'threads-fill-cores', message: 'no core is left', more: 1 }];
  expect(workloadOf(offline, { warnings }).findings).toEqual([
    { code: 'threads-fill-cores', message: 'no core is left' },
  ]);
});
