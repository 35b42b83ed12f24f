import { assert, constantFrom, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { absent } from '../../../plugins/nx-study/src/base/known.ts';
import { evaluateGates, verdictOf } from '../../../plugins/nx-study/src/kinds/gates.ts';
import { gateNames, kindOf } from '../../../plugins/nx-study/src/kinds/index.ts';
import { toMetric } from '../../../plugins/nx-study/src/kinds/kind.ts';
import type { Gate } from '../../../plugins/nx-study/src/kinds/kind.ts';
import { diagnostics, partOf, posteriorEvidence } from './evidence.ts';

const below: Gate = { name: 'x_max', metric: 'x', passes: 'below', threshold: 10, judges: 'reliability', source: '' };
const above: Gate = { ...below, name: 'x_min', passes: 'above' };
const x = (value: number) =>
  toMetric({ name: 'x', label: 'x', unit: '', main: true, better: null, description: 'x' }, value);
const one = (gate: Gate, value: number, thresholds = {}) => evaluateGates([gate], [x(value)], thresholds)[0]!;

test('names the gates of every kind', () => {
  expect(gateNames).toEqual({
    posterior: ['rhat_max', 'ess_min', 'divergences_max', 'ebfmi_min', 'fits_flagged_share'],
    'llm-inference': [
      ...['ttft', 'tpot', 'e2e', 'ttft_due', 'e2e_due'].flatMap((name) =>
        ['', '_p90', '_p95', '_p99'].map((percentile) => `${name}${percentile}_s`),
      ),
      'error_percent',
      'slo_attainment',
    ],
    values: [],
  });
});

test('the defaults of a posterior', () => {
  const { gates } = kindOf('posterior');
  const limits = gates.map(({ name, passes, threshold }) => `${name} ${passes} ${threshold}`);
  expect(limits).toEqual([
    'rhat_max below 1.01',
    'ess_min above 400',
    'divergences_max below 10',
    'ebfmi_min above 0.3',
    'fits_flagged_share below 0.2',
  ]);
  const results = evaluateGates(gates, partOf('posterior', posteriorEvidence()).metrics, {});
  expect(results.map(({ verdict, relaxed, reason }) => ({ verdict, relaxed, reason }))).toEqual(
    Array.from({ length: 4 }, () => ({ verdict: 'PASS', relaxed: false, reason: null })),
  );
  expect(verdictOf(results)).toBe('PASS');
});

test('a gate that does not apply is not evaluated', () => {
  const never = { ...below, applies: () => false };
  const always = { ...above, applies: () => true };
  expect(evaluateGates([never, always], [x(20)], {}).map(({ name }) => name)).toEqual(['x_min']);
});

test('each gate can fail on its own', () => {
  const { gates } = kindOf('posterior');
  const xi = diagnostics.variables.xi;
  const failing = {
    rhat_max: { variables: { xi: { ...xi, rhat_max: 1.02 } } },
    ess_min: { variables: { xi: { ...xi, ess_tail_min: 399 } } },
    divergences_max: { divergences: 11 },
    ebfmi_min: { ebfmi: [0.2], ebfmi_min: 0.2 },
  };
  for (const [name, derived] of Object.entries(failing)) {
    const results = evaluateGates(gates, partOf('posterior', posteriorEvidence({ derived })).metrics, {});
    expect(results.filter(({ verdict }) => verdict === 'FAIL').map((gate) => gate.name)).toEqual([name]);
    expect(verdictOf(results)).toBe('FAIL');
  }
});

test('equality with the threshold fails', () => {
  expect(one(below, 10)).toMatchObject({ verdict: 'FAIL', reason: 'x is 10, must be < 10' });
  expect(one(above, 10)).toMatchObject({ verdict: 'FAIL', reason: 'x is 10, must be > 10' });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s fails, with a reason', (value) => {
  for (const gate of [below, above])
    expect(one(gate, value)).toMatchObject({ verdict: 'FAIL', value: null, reason: `not a finite number: ${value}` });
});

test('null fails for the reason of its metric, and so does a metric that is not there', () => {
  const missing = toMetric(
    { name: 'x', label: 'x', unit: '', main: true, better: null, description: '' },
    absent('no draws'),
  );
  expect(evaluateGates([below], [missing], {})[0]).toMatchObject({ verdict: 'FAIL', value: null, reason: 'no draws' });
  expect(evaluateGates([below], [], {})[0]).toMatchObject({ verdict: 'FAIL', reason: 'no metric x' });
});

test('a threshold that is no number passes nothing, and is marked', () => {
  expect(one(below, 1, { x_max: Number.NaN })).toMatchObject({ verdict: 'FAIL', relaxed: true });
});

test('looser is relaxed, stricter and equal are not', () => {
  expect(one(below, 11, { x_max: 12 })).toMatchObject({
    verdict: 'PASS',
    relaxed: true,
    threshold: 12,
    default_threshold: 10,
  });
  expect(one(below, 9, { x_max: 8 })).toMatchObject({ verdict: 'FAIL', relaxed: false });
  expect(one(below, 9, { x_max: 10 })).toMatchObject({ verdict: 'PASS', relaxed: false });
  expect(one(above, 9, { x_min: 8 })).toMatchObject({ verdict: 'PASS', relaxed: true });
  expect(one(above, 11, { x_min: 12 })).toMatchObject({ verdict: 'FAIL', relaxed: false });
});

test('what passes only because of the study is marked as relaxed, what fails only because of it is not', () => {
  expect.hasAssertions();
  assert(
    property(double(), double({ noNaN: true }), constantFrom(below, above), (value, threshold, gate) => {
      const standard = one(gate, value);
      const own = one(gate, value, { [gate.name]: threshold });
      const relaxes = standard.verdict === 'FAIL' && own.verdict === 'PASS';
      const tightens = standard.verdict === 'PASS' && own.verdict === 'FAIL';
      expect({ relaxes, tightens }).toEqual({ relaxes: relaxes && own.relaxed, tightens: tightens && !own.relaxed });
    }),
  );
});

test('no gates, no verdict', () => {
  expect(verdictOf([])).toBeNull();
});

test('names inherited from Object are no thresholds', () => {
  expect(evaluateGates([{ ...below, name: 'toString' }], [x(1)], {})[0]?.threshold).toBe(10);
});

test('an unknown kind is named, with the known ones', () => {
  expect(() => kindOf('poems')).toThrow('"poems" is no kind of result. Known kinds: posterior, llm-inference, values');
});

test('a gate without a threshold holds only where the study sets one', () => {
  const gate: Gate = { ...below, threshold: null, judges: 'target' };
  expect(evaluateGates([gate], [x(9)], {})).toEqual([]);
  expect(evaluateGates([gate], [x(9)], { x_max: 10 })[0]).toMatchObject({
    verdict: 'PASS',
    threshold: 10,
    default_threshold: null,
    relaxed: false,
    judges: 'target',
  });
});

test.each([
  ['below', 8, 9, 'PASS'],
  ['below', 8, 10, 'UNDECIDED'],
  ['below', 9, 11, 'UNDECIDED'],
  ['below', 10, 11, 'FAIL'],
  ['below', null, 9, 'PASS'],
  ['below', 11, null, 'FAIL'],
  ['below', 9, null, 'UNDECIDED'],
  ['below', null, null, 'UNDECIDED'],
  ['above', 11, 12, 'PASS'],
  ['above', 9, 12, 'UNDECIDED'],
  ['above', 8, 10, 'FAIL'],
] as const)('a metric with bounds, %s 10, from %s to %s: %s', (passes, low, high, verdict) => {
  const metric = { ...x(10), bounds: { low, high, reason: null } };
  const [result] = evaluateGates([{ ...below, passes }], [metric], {});
  expect(result!.verdict).toBe(verdict);
  expect(result!.reason === null).toBe(verdict === 'PASS');
});

test('a failed gate outweighs an undecided one', () => {
  const of = (...verdicts: ('PASS' | 'FAIL' | 'UNDECIDED')[]) =>
    verdictOf(verdicts.map((verdict) => ({ ...one(below, 9), verdict })));
  expect([of('PASS', 'UNDECIDED'), of('UNDECIDED', 'FAIL', 'PASS'), of('PASS', 'PASS')]).toEqual([
    'UNDECIDED',
    'FAIL',
    'PASS',
  ]);
});
