import { expect, test } from 'vitest';
import type { Comparisons, Entry } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { alternativesOf } from '../../../plugins/nx-study/src/comparisons/alternatives.ts';
import { hostOf } from '../../../plugins/nx-study/src/state/machines.ts';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { plainExecution } from '../../helpers/execution.ts';
import { measuredStudy, timesOf } from './study.ts';

function entryOf({ metrics }: Comparisons, metric: string, name: string): Entry {
  const { entries } = metrics.find((one) => one.metric.name === metric)!;
  return entries.find(({ alternative }) => alternative.name === name)!;
}

// By NumPy: exp(mean(log([0.5, 0.56, 0.52]) - log([1, 1.1, 1.05]))).
const RATIO = 0.501_410_160_569_572_4;

test('an experiment against its baseline, paired by repetition: ratios of times, by logarithms', async () => {
  const { comparisons } = await measuredStudy({ base: timesOf(1, 1.1, 1.05), fast: timesOf(0.5, 0.56, 0.52) });
  const { summary, against, repetitions } = entryOf(comparisons, 'time_s', 'fast');
  expect(repetitions.map(({ value }) => value)).toEqual([0.5, 0.56, 0.52]);
  expect(summary).toMatchObject({ n: 3, interval: { kind: 't-of-logs' } });
  expect(against).toMatchObject({ n: { pairs: 3 }, scale: 'ratio', conclusion: 'smaller' });
  expect((against as { estimate: number }).estimate).toBeCloseTo(RATIO, 12);
  expect(comparisons).toMatchObject({ pairing: 'all', tests: 1 });
  expect(entryOf(comparisons, 'time_s', 'base').against).toEqual({ value: null, reason: 'it is the baseline' });
});

test('what may be 0 or negative is compared by difference', async () => {
  const scores = (...values: number[]) => values.map((score) => ({ score }));
  const { comparisons } = await measuredStudy({ base: scores(0, -1, 1), other: scores(5, 4, 6.5) });
  expect(entryOf(comparisons, 'score', 'other').against).toMatchObject({ scale: 'difference', conclusion: 'larger' });
});

test('without pairs where the order has no cycles', async () => {
  const repeat = { times: 3, order: 'sequential', seed: 1 } as const;
  const { comparisons } = await measuredStudy(
    { base: timesOf(1, 1.1, 1.05), fast: timesOf(0.5, 0.56, 0.52) },
    { repeat },
  );
  expect(entryOf(comparisons, 'time_s', 'fast').against).toMatchObject({
    n: { candidate: 3, baseline: 3, pairs: null },
  });
});

/** Minutes at which the repetitions of each experiment start. */
const pairingAt = async (minutes: Record<string, number[]>) => {
  const values = Object.fromEntries(Object.keys(minutes).map((label) => [label, timesOf(1, 1.01, 1.02)]));
  const { comparisons } = await measuredStudy(values, {}, (label, repetition) => ({
    record: { started_at: new Date(Date.UTC(2026, 2, 1, 10, minutes[label]![repetition - 1])).toISOString() },
  }));
  const pairs = comparisons.alternatives.slice(1).map(({ name }) => {
    const { against } = entryOf(comparisons, 'time_s', name);
    return 'n' in against ? against.n.pairs : null;
  });
  return [comparisons.pairing, ...pairs];
};

test('without pairs where one experiment was measured after the other, whatever the study and its run meant to do', async () => {
  expect(await pairingAt({ base: [1, 3, 5], fast: [2, 4, 6] })).toEqual(['all', 3]);
  expect(await pairingAt({ base: [1, 3, 5], fast: [2, 4, 6], late: [7, 8, 9] })).toEqual(['some', 3, null]);
  expect(await pairingAt({ base: [1, 2, 3], fast: [4, 5, 6] })).toEqual(['none', null]);
});

test('only results of the present settings count: a stale one, a failed one and a missing one give a reason', async () => {
  const { comparisons } = await measuredStudy(
    { base: timesOf(1, 1.1, 1.05, 1.2), fast: [...timesOf(0.5, 0.6, 0.55), null] },
    {},
    (label, repetition) => {
      if (label === 'base' && repetition === 1) return { code: 'older' };
      return label === 'base' && repetition === 2 ? { failure: { type: 'oom' } } : {};
    },
  );
  expect(entryOf(comparisons, 'time_s', 'base').repetitions).toEqual([
    { repetition: 1, value: null, reason: 'its state is stale' },
    { repetition: 2, value: null, reason: 'its state is failed' },
    { repetition: 3, value: 1.05, reason: null },
    { repetition: 4, value: 1.2, reason: null },
  ]);
  // Only the third repetition has both.
  expect(entryOf(comparisons, 'time_s', 'fast').against).toMatchObject({
    n: { pairs: 1 },
    interval: { reason: 'no interval below 3 pairs of repetitions; there are 1' },
    conclusion: 'no interval',
  });
});

test('a relevant difference makes equivalence sayable, also of a metric that is no main one', async () => {
  const { comparisons } = await measuredStudy(
    { base: timesOf(1, 1.001, 1.002), same: timesOf(1.001, 1.002, 1.004) },
    { relevant: { time_s: 0.05 } },
  );
  expect(entryOf(comparisons, 'time_s', 'same').against).toMatchObject({ relevant: 0.05, conclusion: 'equivalent' });
});

test('the correction is for all comparisons that are shown; chosen metrics take the place of the main ones', async () => {
  const both = (...values: [number, number][]) => values.map(([time_s, size_bytes]) => ({ time_s, size_bytes }));
  const { results, comparisons } = await measuredStudy({
    base: both([1, 10], [1.1, 11], [1.05, 12]),
    a: both([0.9, 20], [1.2, 21], [1.1, 25]),
    b: both([0.5, 10], [0.6, 12], [0.5, 11]),
  });
  expect(comparisons.tests).toBe(4);
  expect(comparisonsOf(results, ['size_bytes'])).toMatchObject({
    tests: 2,
    metrics: [{ metric: { name: 'size_bytes' } }],
  });
  const { against } = entryOf(comparisons, 'time_s', 'b');
  expect(against).toMatchObject({ p_adjusted: expect.any(Number) });
  const { p, p_adjusted } = against as { p: number; p_adjusted: number };
  expect(p_adjusted).toBeGreaterThan(p);
});

test('machines are never taken together', async () => {
  const host = (name: string) => ({ record: { supervisor: { host: name, pid: 1, boot: 'b', start_time: null } } });
  const { comparisons } = await measuredStudy(
    { base: timesOf(1, 1.1, 2), fast: timesOf(0.5, 0.56, 1) },
    {},
    (_label, repetition) => host(repetition === 3 ? 'b' : 'a'),
  );
  expect(comparisons.alternatives.map(({ name, rows }) => [name, rows.length])).toEqual([
    ['base on a', 2],
    ['fast on a', 2],
    ['base on b', 1],
    ['fast on b', 1],
  ]);
  expect(entryOf(comparisons, 'time_s', 'fast on b').baseline).toMatchObject({ name: 'base on b' });
  expect(comparisons.metrics[0]!.effects).toMatchObject({ value: null });
});

/** Which machine measures each repetition of each experiment; `slow` is another kind of machine. */
const onMachines = (
  machines: Record<string, string[]>,
  values: Record<string, number[]>,
  order = 'interleaved' as const,
) =>
  measuredStudy(
    Object.fromEntries(Object.entries(values).map(([label, times]) => [label, timesOf(...times)])),
    { repeat: { times: 4, order, seed: 1 }, execution: { ...plainExecution, lanes: 2 } },
    (label, repetition) => {
      const host = machines[label]![repetition - 1]!;
      const minute = 10 * repetition + (label === 'base' ? 0 : 1);
      return {
        record: {
          supervisor: { host, pid: 1, boot: 'b', start_time: null },
          machine: { cpu: host === 'slow' ? 'another' : 'one', cores: 2, accelerators: [] },
          started_at: new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString(),
        },
      };
    },
  );

const lanes = ['n1', 'n2', 'n1', 'n2'];
// The second machine takes twice as long.
const onTwo = { base: [1, 2.02, 1.01, 2], fast: [0.5, 1.01, 0.51, 1] };

test('machines of a divided study are taken together, and differences are those within a machine', async () => {
  const { comparisons, render } = await onMachines({ base: lanes, fast: lanes }, onTwo);
  expect(comparisons.alternatives.map(({ name, host, hosts }) => [name, host, hosts])).toEqual([
    ['base', null, ['n1', 'n2']],
    ['fast', null, ['n1', 'n2']],
  ]);
  const { against } = entryOf(comparisons, 'time_s', 'fast');
  expect(against).toMatchObject({ n: { pairs: 4 }, conclusion: 'smaller' });
  // As wide as the scatter within machines, not as the machines differ.
  const { interval } = against as { interval: { low: number; high: number } };
  expect(interval.low).toBeGreaterThan(0.49);
  expect(interval.high).toBeLessThan(0.51);
  expect(comparisons.metrics[0]!.effects).toMatchObject({ reason: 'the measurements are of several machines' });
  const { machines } = comparisons.metrics[0]! as {
    machines: { experiments: number; machines: { host: string; effect: number }[] };
  };
  expect(machines).toMatchObject({ experiments: 2, machines: [{ host: 'n1' }, { host: 'n2' }] });
  // By hand: exp of half the mean of log(sqrt(1 × 1.01) / sqrt(2.02 × 2)) and log(sqrt(0.5 × 0.51) / sqrt(1.01 × 1)).
  expect(machines.machines[0]!.effect).toBeCloseTo(
    Math.sqrt(Math.sqrt(Math.sqrt(1.01 / 4.04) * Math.sqrt(0.255 / 1.01))),
    12,
  );
  expect(await render(160)).toMatch(
    /^Machines, against all of them together: time n1 -29 %, n2 \+41 %\nIntervals are about these machines/m,
  );
});

test('a repetition whose two sides are of different machines is left out of a comparison', async () => {
  const { comparisons } = await onMachines({ base: lanes, fast: ['n1', 'n2', 'n1', 'n1'] }, onTwo);
  const { against } = entryOf(comparisons, 'time_s', 'fast');
  expect(against).toMatchObject({
    n: { pairs: 3 },
    dropped: { candidate: ['4 on n1'], baseline: ['4 on n2'] },
  });
});

test('experiments that no machine has in common are not compared', async () => {
  const { comparisons } = await onMachines({ base: ['n1', 'n1', 'n1', 'n1'], fast: ['n2', 'n2', 'n2', 'n2'] }, onTwo);
  expect(entryOf(comparisons, 'time_s', 'fast').against).toMatchObject({
    value: null,
    reason: expect.stringContaining('no machine measured the same repetition of both') as string,
  });
});

test('machines of different kinds stay apart, also in a divided study', async () => {
  const { comparisons } = await onMachines(
    { base: ['n1', 'slow', 'n1', 'slow'], fast: ['n1', 'slow', 'n1', 'slow'] },
    onTwo,
  );
  expect(comparisons.alternatives.map(({ name }) => name)).toEqual([
    'base on n1',
    'fast on n1',
    'base on slow',
    'fast on slow',
  ]);
});

test('without lanes, an attempt that failed on another machine does not take the others apart either', async () => {
  const { results } = await onMachines({ base: ['n1', 'n1', 'n1', 'n2'], fast: ['n1', 'n1', 'n1', 'n1'] }, onTwo);
  const rows = results.rows.map((row) => (hostOf(row) === 'n2' ? { ...row, state: 'failed' as const } : row));
  expect(alternativesOf(results.rows).map(({ name }) => name)).toEqual(['base on n1', 'fast on n1', 'base on n2']);
  expect(alternativesOf(rows).map(({ name, hosts, rows: of }) => [name, hosts, of.length])).toEqual([
    ['base', ['n1'], 4],
    ['fast', ['n1'], 4],
  ]);
});

test('an attempt that failed on another kind of machine does not take the others apart', async () => {
  const ofHosts = ['n1', 'n2', 'n1', 'slow'];
  const { results } = await onMachines({ base: ofHosts, fast: ofHosts }, onTwo);
  const rows = results.rows.map((row) => (hostOf(row) === 'slow' ? { ...row, state: 'failed' as const } : row));
  expect(alternativesOf(results.rows, 2)).toHaveLength(6);
  expect(alternativesOf(rows, 2).map(({ name }) => name)).toEqual(['base', 'fast']);
});
