import { expect, test } from 'vitest';
import { payloadOf } from '../../kinds/llm-inference/payload.ts';
import { countOf, drawingsOf } from '../../../helpers/svg.ts';
import { batchOf, pageOf, repeated } from './study.ts';

test('one size that varies: a line for each setting of all else, a point for each size, prefill and decode', async () => {
  const at = (threads: number, batch: number) => ({
    varied: { threads, 'batch-size': batch },
    payloads: repeated({ batch, ttft_s: 0.1 / threads }),
  });
  const { section } = await pageOf({ a: at(1, 1), b: at(1, 4), c: at(2, 1), d: at(2, 4) });
  const sizes = section('sizes');
  expect(drawingsOf(sizes)).toHaveLength(2);
  expect(countOf(sizes, 'line')).toBe(4);
  expect(countOf(sizes, 'mark')).toBe(8);
  expect(sizes.text).toContain('threads = 2');
});

test('two sizes that vary, here as workloads of one process: a tile for each pair', async () => {
  const workloads = [1, 2].flatMap((batch) =>
    [10, 20].map((prompt) => batchOf({ batch, prompt, ttft_s: 0.1 * batch })),
  );
  const { section } = await pageOf({ a: { payloads: [payloadOf(workloads)] } });
  expect(countOf(section('sizes'), 'tile')).toBe(8);
  // 1 × 10 tokens in 0.1 s; 5 tokens a sequence, of which 4 after the first in 0.2 s.
  expect(section('sizes').text).toContain('batch size 1, prompt tokens 10: 100');
  expect(section('sizes').text).toContain('batch size 2, prompt tokens 20: 40<');
});

test('more lines than fit are named instead of drawn', async () => {
  const names = Array.from({ length: 14 }, (_, index) => index);
  const experiments = names.flatMap((one) =>
    [1, 2].map((batch) => [
      `e${one}-${batch}`,
      { varied: { setting: one, batch_size: batch }, payloads: [payloadOf([batchOf({ batch })])] },
    ]),
  );
  const { section, words } = await pageOf(Object.fromEntries(experiments));
  expect(countOf(section('sizes'), 'line')).toBe(2 * 12);
  expect(words('sizes')).toContain('Not drawn, as more would not be readable: setting = 12, setting = 13.');
});

test('no size varies: no section', async () => {
  const { ids } = await pageOf({ a: { payloads: repeated({}) }, b: { payloads: repeated({ ttft_s: 0.2 }) } });
  expect(ids).not.toContain('sizes');
});
