import { expect, test } from 'vitest';
import { payloadOf } from '../../kinds/llm-inference/payload.ts';
import { countOf } from '../../../helpers/svg.ts';
import { batchOf, loadedOf, pageOf, repeated } from './study.ts';

const marks = (section: { text: string }) => countOf(section, 'mark');

test('a point for each experiment of the same work, and a sentence on which are on the front', async () => {
  const { section, words, answer } = await pageOf({
    one: { payloads: repeated({ batch: 1, ttft_s: 0.1, gap_s: 0.02 }) },
    four: { payloads: repeated({ batch: 4, ttft_s: 0.3, gap_s: 0.03 }) },
    poor: { payloads: repeated({ batch: 1, ttft_s: 0.5, gap_s: 0.2 }) },
  });
  expect(marks(section('trade-off'))).toBe(3);
  expect(countOf(section('trade-off'), 'error')).toBe(3);
  const sentence =
    'Output against TTFT (10 prompt and 5 new tokens): nothing is better in both than one, four; something is better in both than poor.';
  expect(words('trade-off')).toContain(sentence);
  expect(answer).toEqual([sentence]);
});

test('servers have a panel for e2e, too: its p99 only where all have one, so that none is left out', async () => {
  const titles = async (users: number[]) => {
    const loads = users.map((one) => [`u${one}`, { payloads: loadedOf({ users: one, ttft_s: 0.01, tok_s: 100 }) }]);
    const { section } = await pageOf(Object.fromEntries(loads));
    return [...section('trade-off').text.matchAll(/<b>(output, [^<]*)<\/b>/g)].map(([, title]) => title);
  };
  // Five requests of each user.
  expect(await titles([20, 30])).toEqual(['output, TTFT', 'output, e2e p99']);
  expect(await titles([2, 30])).toEqual(['output, TTFT', 'output, e2e']);
});

test('work of different sizes is not compared: a panel each, and none for work that only one does', async () => {
  const { section, words, answer } = await pageOf({
    a: { payloads: repeated({ prompt: 10 }) },
    b: { payloads: repeated({ prompt: 10, ttft_s: 0.2 }) },
    c: { payloads: repeated({ prompt: 99 }) },
  });
  expect(marks(section('trade-off'))).toBe(2);
  expect(words('trade-off')).toContain('so these have no panel, or are more than fit: 99 prompt and 5 new tokens.');
  expect(answer).toEqual([]);
});

test('prompts of one length and such whose middle it is are different work', async () => {
  const own = loadedOf({ users: 2, ttft_s: 0.01, tok_s: 100 });
  const varied = (structuredClone(own) as { workloads: object[] }[]).map((payload) => ({
    ...payload,
    workloads: payload.workloads.map((workload) => ({
      ...workload,
      asked_lengths: { prompt_tokens: { uniform: [5, 15] }, new_tokens: 5 },
    })),
  }));
  const panels = async (payloads: object[]) => {
    const { words } = await pageOf({ a: { payloads: own }, b: { payloads: own }, c: { payloads } });
    return words('trade-off');
  };
  expect(await panels(own)).not.toContain('uniform');
  expect(await panels(varied)).toContain('uniform(5, 15) prompt and');
});

test('a single repetition has no intervals, which is said; there is no answer from it', async () => {
  const { words, answer } = await pageOf({
    a: { payloads: [payloadOf([batchOf({})])] },
    b: { payloads: [payloadOf([batchOf({ ttft_s: 0.2 })])] },
    c: { payloads: [payloadOf([batchOf({ ttft_s: 0.3 })])] },
  });
  expect(words('trade-off')).toContain('the front is that of the means alone');
  expect(answer).toEqual([]);
});

test('long names are cut to that in which the points differ', async () => {
  const { section } = await pageOf({
    'batch-size-1-prompt-tokens-10-and-more': { payloads: repeated({ batch: 1 }) },
    'batch-size-2-prompt-tokens-10-and-more': { payloads: repeated({ batch: 2 }) },
  });
  expect(section('trade-off').text).toMatch(/<text class="label"[^>]*>batch size 2</);
});

test('one experiment, and nothing measured: no section', async () => {
  expect((await pageOf({ a: { payloads: repeated({}) } })).ids).not.toContain('trade-off');
  expect((await pageOf({ a: { payloads: [null] } })).ids).toEqual([]);
});

test('what other work disturbed gives no sentence in the answer', async () => {
  const findings = [{ code: 'neighbour', message: 'others used 2 cores' }];
  const { answer } = await pageOf(
    {
      one: { payloads: repeated({ batch: 1, ttft_s: 0.1, gap_s: 0.02 }) },
      four: { payloads: repeated({ batch: 4, ttft_s: 0.3, gap_s: 0.03 }) },
      poor: { payloads: repeated({ batch: 1, ttft_s: 0.5, gap_s: 0.2 }) },
    },
    () => ({ record: { findings } }),
  );
  expect(answer).toEqual([]);
});

test('names can not be markup', async () => {
  const label = '<script>alert("x")</script>';
  const page = await pageOf({
    a: { payloads: repeated({}) },
    b: { varied: { [label]: label }, payloads: repeated({ prompt: 99 }) },
    c: { varied: { [label]: 'plain' }, payloads: repeated({ prompt: 99, ttft_s: 0.2 }) },
  });
  expect(page.page()).not.toContain('<script>alert');
  expect(page.section('sizes').text).toContain('&lt;script&gt;alert');
});
