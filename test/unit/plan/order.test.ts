import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { orderSteps, pairBalance } from '../../../plugins/nx-study/src/plan/order.ts';
import type { Order } from '../../../plugins/nx-study/src/plan/types.ts';
import { williamsSequence, williamsSequences } from '../../../plugins/nx-study/src/plan/williams.ts';

const hash = await sha256();
const orders: Order[] = ['sequential', 'interleaved', 'shuffled', 'reverse', 'balanced'];

/** `A1 B1 | B2 A2`: experiments as letters, repetitions as numbers, a bar where a cycle starts. */
const draw = (order: Order, count: number, times: number, seed = 1) =>
  orderSteps(order, { count, times, seed }, hash)
    .map(({ experiment, repetition, cycle }, index, steps) => {
      const bar = index > 0 && steps[index - 1]!.cycle !== cycle ? '| ' : '';
      return `${bar}${String.fromCodePoint(65 + experiment)}${repetition}`;
    })
    .join(' ');

test('sequential keeps the repetitions of an experiment together, each in a cycle of its own', () => {
  expect(draw('sequential', 3, 2)).toBe('A1 A2 | B1 B2 | C1 C2');
});

test('interleaved repeats all experiments in their order', () => {
  expect(draw('interleaved', 3, 2)).toBe('A1 B1 C1 | A2 B2 C2');
});

test('reverse goes through every second cycle backwards', () => {
  expect(draw('reverse', 3, 3)).toBe('A1 B1 C1 | C2 B2 A2 | A3 B3 C3');
});

test('shuffled gives each cycle its own order', () => {
  expect(draw('shuffled', 5, 3)).toMatchInlineSnapshot(`"D1 C1 B1 A1 E1 | E2 D2 B2 A2 C2 | E3 D3 B3 A3 C3"`);
  expect(draw('shuffled', 5, 3, 2)).not.toBe(draw('shuffled', 5, 3, 1));
});

test('shuffled prefers no order', () => {
  const steps = orderSteps('shuffled', { count: 3, times: 6000, seed: 1 }, hash);
  const counts = new Map<string, number>();
  for (let start = 0; start < steps.length; start += 3) {
    const sequence = steps
      .slice(start, start + 3)
      .map(({ experiment }) => experiment)
      .join('');
    counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  // Six equally likely orders: 1,000 each; five standard deviations are 144.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(144);
});

describe('balanced', () => {
  test.each([2, 3, 4, 5, 6, 7, 10, 11])('%i experiments: each precedes each other one equally often', (count) => {
    const times = williamsSequences(count);
    expect(times).toBe(count % 2 === 0 ? count : 2 * count);
    const balance = pairBalance(orderSteps('balanced', { count, times, seed: 1 }, hash), count);
    const each = count % 2 === 0 ? 1 : 2;
    expect(balance).toEqual({ covered: count * (count - 1), pairs: count * (count - 1), least: each, most: each });
  });

  test.each([4, 5])('%i experiments: each stands equally often at each position', (count) => {
    const sequences = Array.from({ length: williamsSequences(count) }, (_, row) => williamsSequence(count, row));
    for (let position = 0; position < count; position++)
      for (let letter = 0; letter < count; letter++)
        expect(sequences.filter((sequence) => sequence[position] === letter)).toHaveLength(sequences.length / count);
  });

  test('an incomplete design says how much it covers', () => {
    expect(pairBalance(orderSteps('balanced', { count: 5, times: 3, seed: 1 }, hash), 5)).toMatchObject({
      pairs: 20,
      covered: 12,
      least: 0,
      most: 1,
    });
  });

  test('one experiment has no pairs', () => {
    expect(pairBalance(orderSteps('balanced', { count: 1, times: 3, seed: 1 }, hash), 1)).toEqual({
      covered: 0,
      pairs: 0,
      least: 0,
      most: 0,
    });
  });

  test('more repetitions than sequences start over', () => {
    expect(williamsSequence(4, 4)).toEqual(williamsSequence(4, 0));
  });
});

test('every order measures each repetition of each experiment once', () => {
  const input = fc.tuple(
    fc.constantFrom(...orders),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(),
  );
  fc.assert(
    fc.property(input, ([order, count, times, seed]) => {
      const steps = orderSteps(order, { count, times, seed }, hash);
      const measured = new Set(steps.map(({ experiment, repetition }) => `${experiment} ${repetition}`));
      expect(steps).toHaveLength(count * times);
      expect(measured.size).toBe(count * times);
      // Cycles come one after another.
      expect(steps.map(({ cycle }) => cycle)).toEqual(steps.map(({ cycle }) => cycle).toSorted((a, b) => a - b));
    }),
  );
});

test('topping up appends cycles and leaves earlier ones alone', () => {
  const appending = fc.constantFrom<Order>('interleaved', 'shuffled', 'reverse', 'balanced');
  fc.assert(
    fc.property(
      appending,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(),
      (order, count, times, seed) => {
        const before = orderSteps(order, { count, times, seed }, hash);
        expect(orderSteps(order, { count, times: times + 2, seed }, hash).slice(0, before.length)).toEqual(before);
      },
    ),
  );
});
