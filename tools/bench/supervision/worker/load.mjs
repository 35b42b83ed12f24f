// One thread of the load: computes and moves memory in turns, the same work each time, until its time is over.
import { parentPort, workerData } from 'node:worker_threads';

// Each turn takes about 50 ms: short enough for what comes and goes to meet both.
const STEPS = 20_000_000;
const PASSES = 2;
// Three arrays of 32 MiB are more than the cache of a core.
const NUMBERS = (32 << 20) / 8;

const [a, b, c] = [1, 2, 3].map((value) => new Float64Array(NUMBERS).fill(value));
const done = { steps: 0, compute_s: 0, bytes: 0, memory_s: 0, check: 0 };
const seconds = (work) => {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
};

const end = performance.now() + workerData.seconds * 1000;
while (performance.now() < end) {
  done.compute_s += seconds(() => (done.check += compute(STEPS)));
  done.steps += STEPS;
  done.memory_s += seconds(() => move(PASSES));
  done.bytes += PASSES * 3 * NUMBERS * 8;
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window
parentPort.postMessage(done);

/** Integers and floating-point numbers in registers: each step needs the one before. */
function compute(steps) {
  let state = 2463534242;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sum = sum * 0.5 + state;
  }
  return sum;
}

/** The triad of STREAM. */
function move(passes) {
  for (let pass = 0; pass < passes; pass += 1)
    for (let index = 0; index < NUMBERS; index += 1) a[index] = b[index] + 3 * c[index];
}
