import { expect, test } from 'vitest';
import { merged } from '../../../../plugins/nx-study/src/measure/run/merge.ts';

test('what comes is yielded as it comes, each generator in its order', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  async function* slow() {
    await held;
    yield 's1';
    yield 's2';
  }
  async function* fast() {
    yield 'f1';
    yield 'f2';
    release();
  }
  const seen: string[] = [];
  for await (const one of merged([slow(), fast()], () => {})) seen.push(one);
  expect(seen.slice(0, 2)).toEqual(['f1', 'f2']);
  expect(seen.slice(2)).toEqual(['s1', 's2']);
});

test('who reads no further lets each generator come to its end', async () => {
  const ended: string[] = [];
  let leave = () => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  async function* lane(name: string) {
    try {
      yield name;
      await left;
    } finally {
      ended.push(name);
    }
  }
  for await (const _ of merged([lane('a'), lane('b')], () => leave())) break;
  expect(ended.toSorted()).toEqual(['a', 'b']);
});
