import { expect, test } from 'vitest';
import { comparisonsOf } from '../../../../plugins/nx-study/src/comparisons/compare.ts';
import { ladderText } from '../../../../plugins/nx-study/src/commands/refine/executor.ts';
import { refinedLadders } from '../../../../plugins/nx-study/src/commands/refine/ladders.ts';
import { loadAnswer } from '../../../../plugins/nx-study/src/page/llm/load.ts';
import { payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { loadedOf, loadOf } from '../../page/llm/study.ts';
import { planOf, workspaceOf } from '../report/workspace.ts';

/** Load → time to the first token of its repetitions, s; null for one that is not measured. */
type Loads = Record<number, number | null>;

interface Case {
  gates?: Record<string, number>;
  varied?: Record<string, string>;
  /** The spread of the repetitions, as a factor. */
  payloads?: (users: number, ttft_s: number) => object[];
  isOpen?: boolean;
  /** Load → how many of its repetitions fail, after those that are measured. */
  failing?: Record<number, number>;
}

const openOf = (rate: number, ttft_s: number) =>
  [0.99, 1, 1.01].map((factor) => {
    const { requests } = loadOf({ users: 4, ttft_s: factor * ttft_s, tok_s: 4 }) as { requests: object[] };
    return payloadOf([servedOf(requests, { mode: 'open-loop', concurrency: null, rate_per_s: rate })]);
  });

async function refined(ladders: [Loads, Case][], most = 3) {
  const experiments = ladders.flatMap(([loads, { varied = {}, isOpen = false, payloads, failing = {} }], number) =>
    Object.entries(loads).map(([load, ttft_s]) => ({
      label: `l${number}-${load}`,
      settings: {
        worker: 'endpoint',
        varied: { ...varied, [isOpen ? 'load.rate_per_s' : 'load.concurrency']: Number(load) },
        configuration: {
          ...varied,
          load: isOpen ? { mode: 'open', rate_per_s: Number(load) } : { mode: 'closed', concurrency: Number(load) },
        },
      },
      failing: failing[Number(load)] ?? 0,
      payloads:
        ttft_s === null
          ? []
          : (payloads ?? (isOpen ? openOf : (users, one) => loadedOf({ users, ttft_s: one, tok_s: users })))(
              Number(load),
              ttft_s,
            ),
    })),
  );
  const plan = planOf(Object.fromEntries(experiments.map(({ label, settings }) => [label, settings])), 3, {
    gates: ladders[0]![1].gates ?? { ttft_s: 0.3 },
  });
  const { write, results } = await workspaceOf(plan);
  const idOf = (label: string, index: number) => `${label}-1a2b3c4d${index === 0 ? '' : `-r${index + 1}`}`;
  for (const { label, payloads, failing } of experiments) {
    const measured = payloads.slice(0, 3 - failing);
    for (const [index, payload] of measured.entries())
      await write({ id: idOf(label, index), kind: 'llm-inference', payload });
    for (let index = 3 - failing; index < 3; index += 1)
      await write({
        id: idOf(label, index),
        kind: 'llm-inference',
        failure: { type: 'crash', message: 'the server is gone' },
      });
  }
  const found = await results();
  const comparisons = comparisonsOf(found, null);
  const all = refinedLadders(comparisons, { plan, rows: found.rows, most });
  return { all, answer: loadAnswer({ results: found, comparisons }) };
}

async function one(loads: Loads, settings: Case = {}, most = 3) {
  const { all, answer } = await refined([[loads, settings]], most);
  expect(all).toHaveLength(1);
  return { next: all[0]!.next, wanted: all[0]!.wanted?.loads ?? null, text: ladderText(all[0]!), answer };
}

test('loads between the highest that meets the targets and the lowest that misses them, as the report names both', async () => {
  const { next, wanted, text, answer } = await one({ 1: 0.1, 8: 0.2, 16: 0.5, 32: 0.9 });
  expect(next).toMatchObject({ state: 'between', met: 8, next: 16, of: 'missed' });
  expect(wanted).toEqual([10, 11, 13]);
  expect(text).toContain('8 users at once is the highest load that meets them, and 16 misses them. Next: 10, 11, 13.');
  expect(text).toMatch(/\n {2}8: ttft_s 0\.2\d* \(95 %: 0\.19\d* to 0\.20\d*\)\n {2}16: ttft_s 0\.5\d* \(95 %: /);
  expect(answer[0]).toMatch(
    /8 users at once is the highest load that meets the targets, with ttft_s 0\.2\d* \(95 %: 0\.19\d* to 0\.20\d*\); 16 the lowest that misses them, with ttft_s 0\.5\d* \(95 %/,
  );
});

test('all meet them: higher; none does: lower, to one user', async () => {
  expect(await one({ 1: 0.1, 8: 0.2 })).toMatchObject({ next: { state: 'higher', met: 8 }, wanted: [16] });
  expect(await one({ 4: 0.5, 8: 0.6 })).toMatchObject({ next: { state: 'lower', missed: 4 }, wanted: [2] });
  expect(await one({ 1: 0.5, 8: 0.6 })).toMatchObject({ next: { state: 'lowest' }, wanted: null });
});

test('nothing is left between: neighbours, a step below 5 %, or intervals that overlap', async () => {
  expect((await one({ 7: 0.2, 8: 0.5 })).text).toContain('there is no number of users between');
  expect((await one({ 4: 0.2, 4.1: 0.5 }, { isOpen: true })).text).toContain('less than 5 % from each other');
  const scattered = (users: number, ttft_s: number) =>
    [0.5, 1, 1.5].map((factor) => payloadOf([loadOf({ users, ttft_s: factor * ttft_s, tok_s: users })]));
  const { next, text } = await one({ 8: 0.19, 32: 0.25 }, { payloads: scattered });
  expect(next).toEqual({ state: 'resolved', met: 8, missed: 32, why: { by: 'overlap', metric: 'ttft_s' } });
  expect(text).toContain('95 % intervals of ttft_s overlap');
});

test('a higher load that meets them than one that misses them: not monotone, and no loads; the report says so, too', async () => {
  const { next, wanted, text, answer } = await one({ 4: 0.2, 8: 0.5, 16: 0.2, 32: 0.9 });
  expect(next).toEqual({ state: 'not-monotone', met: 16, missed: 8 });
  expect(wanted).toBeNull();
  expect(text).toContain('8 users at once misses them, although 16 meets them, so a load between says nothing.');
  expect(answer[0]).toContain('not monotone: 8 misses them, and a higher load meets them, so neither is sure');
  expect(answer[0]).toContain('above the highest that meets them, 32 misses them');
});

test('loads whose measurements failed as a whole are told: the server may not carry them', async () => {
  const { text, answer } = await one({ 1: 0.1, 4: 0.2, 8: null, 16: 0.2 }, { failing: { 8: 3, 16: 1 } });
  const told = 'measurements failed as a whole at 8 (3 of 3: crash), 16 (1 of 3: crash)';
  expect(answer[0]).toContain(told);
  expect(answer[0]).toContain('no miss is known to be of the server');
  expect(answer[0]).not.toContain('none that was measured misses them');
  expect(text).toContain(`M${told.slice(1)}`);
});

test('undecided loads: how many requests would decide, and loads below them', async () => {
  const all = await one({ 8: 0.1, 16: 0.1 }, { gates: { ttft_p99_s: 1 } });
  expect(all).toMatchObject({ next: { state: 'undecided' }, wanted: null });
  expect(all.text).toContain(
    '8 users at once is undecided (ttft_p99_s): about 300 requests in each repetition would decide it; it had 40.',
  );
  const some = await one(
    { 2: 0.1, 8: 0.2, 20: 0.299, 40: 0.9 },
    {
      payloads: (users, ttft_s) => (users === 20 ? spread(users) : loadedOf({ users, ttft_s, tok_s: users })),
    },
  );
  expect(some.next).toMatchObject({ state: 'between', met: 8, next: 20, of: 'undecided' });
  expect(some.wanted).toEqual([10, 13, 16]);
  expect(some.text).toMatch(/20 users at once is undecided \(ttft_s\): about [\d,]+ requests/);
});

/** Times to the first token on both sides of 0.3 s. */
const spread = (users: number) =>
  [0.29, 0.295, 0.298].map((middle) => {
    const { requests, ...rest } = loadOf({ users, ttft_s: middle, tok_s: users }) as {
      requests: { chunk_times_s: number[]; end_s: number }[];
    };
    const moved = requests.map((request, index) => {
      const by = ((index % 11) - 5) / 100;
      return { ...request, chunk_times_s: request.chunk_times_s.map((time) => time + by), end_s: request.end_s + by };
    });
    return payloadOf([{ ...rest, requests: moved }]);
  });

const warned = (code: string, at: number) => (users: number, ttft_s: number) =>
  loadedOf({ users, ttft_s, tok_s: users }).map((payload) =>
    users === at ? { ...payload, warnings: [{ code, message: 'm' }] } : payload,
  );

test('the rules of the report: an overloaded server misses its targets, a client at its limit decides nothing', async () => {
  const overloaded = await one({ 8: 0.2, 16: 0.2, 32: 0.2 }, { payloads: warned('overloaded', 32) });
  expect(overloaded.next).toMatchObject({ state: 'between', met: 16, next: 32, of: 'missed' });
  expect(overloaded.text).toContain('16 users at once is the highest load that meets them, and 32 misses them.');
  expect(overloaded.text).toContain('\n  The server was overloaded at 32, which misses any target.');
  const saturated = await one({ 8: 0.2, 16: 0.5 }, { payloads: warned('client-saturated', 16) });
  expect(saturated).toMatchObject({
    next: { state: 'between', met: 8, next: 16, of: 'unproven' },
    wanted: [10, 11, 13],
  });
  expect(saturated.text).toContain('and 16 misses them where the client was late. Next: 10, 11, 13.');
  expect(saturated.text).toContain('The client was late at 16, so a miss there says nothing of the server.');
  expect(saturated.answer[0]).toContain('no miss is known to be of the server');
  const delayed = await one({ 8: 0.2, 16: 0.5 }, { payloads: warned('client-delayed', 16) });
  expect(delayed.next).toEqual(saturated.next);
  expect(delayed.text).toContain('Others on its machine delayed the client at 16 (client-delayed)');
});

test('a miss by requests that failed is not resolved by the times of the others', async () => {
  const failed = requestOf({ chunk_times_s: [], end_s: null, error: { type: 'timeout', message: 'm' } });
  const requests = Array.from({ length: 200 }, () => failed);
  const failing = (users: number, ttft_s: number) =>
    [0.9, 1, 1.1].map((factor) =>
      payloadOf([loadOf({ users, ttft_s: factor * ttft_s, tok_s: users, ...(users === 16 && { requests }) })]),
    );
  const { next, text } = await one({ 8: 0.2, 16: 0.2 }, { payloads: failing });
  expect(next).toMatchObject({ state: 'between', met: 8, next: 16, of: 'missed', loads: [10, 11, 13] });
  expect(text).toContain('Requests failed at 16 (600 of 840): percentiles are of the others, verdicts of all.');
});

test('repetitions that disagree, and too few for an interval, are named', async () => {
  const apart = (users: number) => [0.2, 0.5].map((ttft_s) => payloadOf([loadOf({ users, ttft_s, tok_s: users })]));
  const { text } = await one({ 4: 0.2 }, { payloads: apart });
  expect(text).toMatch(/4 \(missed by 1 of 2 repetitions\): ttft_s 0\.3\d* \(2 repetitions, no interval\)/);
});

test('loads that the study has and nobody measured come first', async () => {
  const { next, wanted, text } = await one({ 8: 0.2, 12: null, 16: 0.5, 64: null });
  expect(next).toEqual({ state: 'planned', planned: [{ load: 12, state: 'pending' }] });
  expect(wanted).toBeNull();
  expect(text).toContain('not measured: 12 (pending). Measure these first.');
});

test('rates in equal steps; each combination of the other dimensions for itself', async () => {
  const { all } = await refined([
    [
      { 4: 0.2, 8: 0.5 },
      { isOpen: true, varied: { backend: 'a' }, gates: { ttft_s: 0.3 } },
    ],
    [
      { 1: 0.2, 2: 0.2 },
      { isOpen: true, varied: { backend: 'b' } },
    ],
  ]);
  const found = all.map(({ ladder, wanted }) => [ladder.name, wanted?.path, wanted?.loads]);
  expect(found).toEqual([
    ['backend = b', 'load.rate_per_s', [4]],
    ['backend = a', 'load.rate_per_s', [5, 6, 7]],
  ]);
});

test('without a target nothing can be refined', async () => {
  const { next, text } = await one({ 8: 0.2, 16: 0.5 }, { gates: {} });
  expect(next).toBeNull();
  expect(text).toContain('No target says which loads are good enough.');
});
