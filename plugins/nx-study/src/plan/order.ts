import type { Sha256 } from '../base/canonical.ts';
import type { Order, PairBalance } from './types.ts';
import { randomOf, shuffled } from './random.ts';
import { williamsSequence } from './williams.ts';

/** One repetition of the experiment at `experiment` in the list of experiments. */
export interface Step {
  experiment: number;
  /** From 1. */
  repetition: number;
  /** From 1: all repetitions of an experiment when sequential, else one repetition of all experiments. */
  cycle: number;
}

interface Shape {
  /** How many experiments there are. */
  count: number;
  /** How often each of them is measured. */
  times: number;
  seed: number;
}

/**
 * The steps of `times` repetitions of `count` experiments. Apart from `sequential`, more repetitions only append:
 * the order within cycle r depends on the seed, r and the experiments, never on `times`.
 */
export function orderSteps(order: Order, { count, times, seed }: Shape, hash: Sha256): Step[] {
  const experiments = Array.from({ length: count }, (_, index) => index);
  if (order === 'sequential') return experiments.flatMap((experiment) => block(experiment, times));
  const sequence = sequences[order](experiments, seed, hash);
  const steps: Step[] = [];
  for (let cycle = 1; cycle <= times; cycle++)
    for (const experiment of sequence(cycle)) steps.push({ experiment, repetition: cycle, cycle });
  return steps;
}

/** How evenly experiments precede each other: counts each ordered pair of neighbours within a cycle. */
export function pairBalance(steps: Step[], count: number): PairBalance {
  const seen = new Map<number, number>();
  for (let index = 1; index < steps.length; index++) {
    const before = steps[index - 1]!;
    const after = steps[index]!;
    if (before.cycle !== after.cycle) continue;
    const pair = before.experiment * count + after.experiment;
    seen.set(pair, (seen.get(pair) ?? 0) + 1);
  }
  const pairs = count * (count - 1);
  const [least, most] = extremes(seen.values());
  return { covered: seen.size, pairs, least: seen.size < pairs ? 0 : least, most };
}

function block(experiment: number, times: number): Step[] {
  return Array.from({ length: times }, (_, index) => ({ experiment, repetition: index + 1, cycle: experiment + 1 }));
}

type Sequence = (cycle: number) => number[];

const sequences: Record<
  Exclude<Order, 'sequential'>,
  (experiments: number[], seed: number, hash: Sha256) => Sequence
> = {
  interleaved: (experiments) => () => experiments,
  reverse: (experiments) => (cycle) => (cycle % 2 === 0 ? experiments.toReversed() : experiments),
  shuffled: (experiments, seed, hash) => (cycle) =>
    shuffled(experiments, randomOf(`nx-study order ${seed} cycle ${cycle}`, hash)),
  balanced: (experiments, seed, hash) => {
    // A Williams design asks for a random assignment of the experiments to its letters.
    const letters = shuffled(experiments, randomOf(`nx-study letters ${seed}`, hash));
    return (cycle) => williamsSequence(letters.length, cycle - 1).map((letter) => letters[letter]!);
  },
};

function extremes(counts: Iterable<number>): [least: number, most: number] {
  let least = Infinity;
  let most = 0;
  for (const count of counts) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return [most === 0 ? 0 : least, most];
}
