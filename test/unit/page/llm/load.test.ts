import { expect, test } from 'vitest';
import { payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { countOf, drawingsOf } from '../../../helpers/svg.ts';
import { loadedOf, loadOf, pageOf } from './study.ts';

const ladder = () => ({
  one: { payloads: loadedOf({ users: 1, ttft_s: 0.01, tok_s: 100 }) },
  two: { payloads: loadedOf({ users: 2, ttft_s: 0.01, tok_s: 195 }) },
  four: { payloads: loadedOf({ users: 4, ttft_s: 0.05, tok_s: 198 }) },
});

test('a ladder of load: a point for each step in each panel, rings and a sentence where it is saturated', async () => {
  const { section, words, answer } = await pageOf(ladder());
  const load = section('load');
  const panels = drawingsOf(load).map(({ title }) => title);
  expect(panels).toHaveLength(3);
  expect(countOf(load, 'mark')).toBe(3 * 3);
  expect(countOf(load, 'flagged')).toBe(3);
  expect(words('load')).toMatch(
    /The server is saturated from 4 users at once on: from 2 to 4 output goes from [\d.]+ to [\d.]+ tok\/s, TTFT from 0\.01\d* to 0\.05\d* s\./,
  );
  expect(answer[0]).toMatch(/^The server is saturated from 4 users/);
});

test('targets: the highest load that meets them and the lowest that misses them, and an estimate between them', async () => {
  const { words, answer } = await pageOf(ladder(), () => ({}), { gates: { ttft_s: 0.03 } });
  const sentence =
    'The server, targets ttft_s < 0.03: 2 users at once is the highest load that meets the targets, with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); 4 the lowest that misses them, with ttft_s 0.0500 (95 %: 0.0488 to 0.0513); between them the fit crosses at about 2.8, which nobody measured.';
  expect(words('load')).toContain(sentence);
  expect(answer[0]).toBe(sentence);
  expect(words('load')).toMatch(
    /highest output, 198 tok\/s \(95 %: 193 to 203\), at 4 users at once, and 90 % of it from 2 on\./,
  );
});

test('a load at which others used the server, too, is named beside the verdicts', async () => {
  const { one, two, four } = ladder();
  const warnings = [{ code: 'foreign-load', message: 'others' }];
  const shared = { payloads: two.payloads.map((payload) => ({ ...payload, warnings })) };
  const { words } = await pageOf({ one, two: shared, four }, () => ({}), { gates: { ttft_s: 0.03 } });
  expect(words('load')).toContain('0.0513); others used the server meanwhile at 2: no verdict of that load alone.');
});

test('targets that all loads meet, that none meets, and that too few requests leave open', async () => {
  const of = async (gates: Record<string, number>) => (await pageOf(ladder(), () => ({}), { gates })).words('load');
  expect(await of({ ttft_s: 1 })).toContain(
    '4 users at once is the highest load that meets the targets, with ttft_s 0.0500 (95 %: 0.0488 to 0.0513); none that was measured misses them.',
  );
  expect(await of({ ttft_s: 0.001 })).toContain(
    'no measured load meets the targets; 1 the lowest that misses them, with ttft_s 0.01',
  );
  expect(await of({ ttft_p99_s: 1 })).toContain('undecided for lack of requests, or of known times: 1, 2, 4.');
});

/** The payloads of a load with a warning of its worker. */
const warned = ({ payloads }: { payloads: object[] }, code: string) => ({
  payloads: payloads.map((payload) => ({
    ...payload,
    warnings: [...((payload as { warnings?: object[] }).warnings ?? []), { code, message: 'm' }],
  })),
});

const within = { gates: { ttft_s: 0.03 } };

test('an overloaded server misses its targets, whatever its times say, and the fit leaves it out', async () => {
  const { one, two, four } = ladder();
  const { words, page } = await pageOf({ one, two: warned(two, 'overloaded'), four }, () => ({}), within);
  expect(words('load')).toContain(
    '1 users at once is the highest load that meets the targets, with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); 2 the lowest that misses them, with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); the server was overloaded at 2, which misses any target.',
  );
  expect(/The target[^<]*/.exec(page())?.[0]).toContain('is met by one, two (overloaded); missed by four.');
});

test('a load at which the client was the limit does not bound the server from above, and is named', async () => {
  const { one, two, four } = ladder();
  const missing = await pageOf({ one, two, four: warned(four, 'client-saturated') }, () => ({}), within);
  // Where the client was the limit, that of the server is not known.
  expect(missing.words('load')).toContain('The server shows no saturation from 1 to 2 users at once.');
  expect(missing.words('load')).toContain(
    'with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); no miss is known to be of the server; the client was the limit at 4 (client-saturated), so a miss at 4 says nothing of the server.',
  );
  expect(missing.words('load')).toContain(
    'at 4 users at once, where the client was the limit, and 90 % of it from 2 on',
  );
  const meeting = await pageOf({ one, two: warned(two, 'client-saturated'), four }, () => ({}), within);
  expect(meeting.words('load')).toContain('2 users at once is the highest load that meets the targets');
  expect(meeting.words('load')).toContain('; the client was the limit at 2 (client-saturated).');
  const overrun = await pageOf(
    { one, two: warned(warned(two, 'overloaded'), 'client-saturated'), four },
    () => ({}),
    within,
  );
  expect(overrun.words('load')).toContain('; 4 the lowest that misses them');
  expect(overrun.words('load')).toContain('so a miss at 2 says nothing of the server');
});

test('a load at which others delayed the client is none of the server either, and is no limit of the client', async () => {
  const { one, two, four } = ladder();
  const { words, page } = await pageOf({ one, two, four: warned(four, 'client-delayed') }, () => ({}), within);
  expect(words('load')).toContain(
    'no miss is known to be of the server; others on its machine delayed the client at 4 (client-delayed), so a miss at 4 says nothing of the server.',
  );
  expect(words('load')).toContain('at 4 users at once, where others delayed the client, and 90 % of it from 2 on');
  expect(words('load')).not.toContain('the client was the limit');
  expect(/The target[^<]*/.exec(page())?.[0]).toContain('missed by four (client-delayed).');
  const both = await pageOf(
    { one, two: warned(two, 'client-saturated'), four: warned(four, 'client-delayed') },
    () => ({}),
    within,
  );
  expect(both.words('load')).toContain('; the client was the limit at 2 (client-saturated); others on its machine');
});

test('late starts are named beside the verdicts', async () => {
  const { one, two, four } = ladder();
  const { words } = await pageOf({ one, two, four: warned(four, 'late-starts') }, () => ({}), within);
  expect(words('load')).toContain('the client started requests late at 4 (late-starts), which is in their times.');
  const early = await pageOf({ one, two, four: warned(four, 'not-settled') }, () => ({}), within);
  expect(early.words('load')).toContain('the first measured requests had less than the asked load at 4 (not-settled).');
});

test('requests that failed miss a target of percentiles; they are counted beside the verdicts and the percentiles', async () => {
  const { one, two } = ladder();
  const error = { chunk_times_s: [], end_s: null, new_tokens: null, error: { type: 'timeout', message: 'm' } };
  const requests = Array.from({ length: 60 }, () => requestOf(error));
  const failing = {
    payloads: [0.99, 1, 1.01].map((factor) =>
      payloadOf([loadOf({ users: 4, ttft_s: 0.01 * factor, tok_s: 390 * factor, requests })]),
    ),
  };
  const { words, section } = await pageOf({ one, two, four: failing }, () => ({}), within);
  expect(words('load')).toContain(
    '2 users at once is the highest load that meets the targets, with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); 4 the lowest that misses them, with ttft_s 0.01000 (95 %: 0.00975 to 0.0103); requests failed at 4 (180 of 240): percentiles are of the others, verdicts of all.',
  );
  expect(section('latencies').text).toMatch(/>failed</);
  expect(section('latencies').text).toContain('180 of 240');
});

/** One process with several loads: rates of an open loop, whose requests all take as long. */
const open = (rate: number, ttft_s: number, changes: object = {}) => {
  const requests = Array.from({ length: 60 }, (_, index) => {
    const at_s = 10 + index / rate;
    return requestOf({ scheduled_s: at_s, start_s: at_s, chunk_times_s: [ttft_s, ttft_s + 0.1], end_s: ttft_s + 0.1 });
  });
  const load = { mode: 'open', rate_per_s: rate, arrival_cv: 1, ramp_s: 0, max_in_flight: null, ...changes };
  const isReplay = load.mode === 'replay';
  return servedOf(requests, {
    mode: 'open-loop',
    concurrency: null,
    rate_per_s: rate,
    window: { from_s: 10, to_s: 10 + 59 / rate },
    load: isReplay ? { mode: 'replay', file: 'day.jsonl', speed: 1, max_in_flight: null } : load,
  });
};

test('loads that differ in more than their number are no ladder, and a replay is no rung', async () => {
  const workloads = [
    open(2, 0.2),
    open(4, 0.2),
    open(4, 2, { arrival_cv: 3 }),
    open(8, 2, { arrival_cv: 3 }),
    open(8, 0.2, { max_in_flight: 9 }),
    open(16, 0.2, { max_in_flight: 9 }),
    open(5, 0.2, { mode: 'replay' }),
    servedOf([requestOf()], { concurrency: 1, load: { mode: 'closed', concurrency: 1, think_s: 2, ramp_s: null } }),
    servedOf([requestOf()], { concurrency: 2, load: { mode: 'closed', concurrency: 2, think_s: 0, ramp_s: null } }),
  ];
  const { answer } = await pageOf({ all: { payloads: [payloadOf(workloads)] } }, () => ({}), {
    gates: { ttft_p95_s: 1 },
  });
  expect(answer.filter((sentence) => sentence.includes('targets'))).toEqual([
    expect.stringMatching(
      /^llama-cpp, targets ttft_p95_s < 1 \(of ttft_due_p95_s\): 4 requests per s is the highest .*; none /,
    ),
    expect.stringMatching(/^cv 3, targets .*: no measured load meets the targets; 4 the lowest/),
    expect.stringMatching(/^at most 9, targets .*: 16 requests per s is the highest/),
  ]);
});

test('an axis that defines the load names each ladder', async () => {
  const of = (rate: number, arrival_cv: number) => ({
    varied: { 'load.rate_per_s': rate, 'load.arrival_cv': arrival_cv },
    payloads: [payloadOf([open(rate, 0.2, { arrival_cv })])],
  });
  const loads = { a: of(2, 0), b: of(4, 0), c: of(2, 1), d: of(4, 1) };
  const { answer } = await pageOf(loads, () => ({}), { gates: { ttft_p95_s: 1 } });
  expect(answer.filter((sentence) => sentence.includes('targets')).map((sentence) => sentence.split(',')[0])).toEqual([
    'cv 0',
    'cv 1',
  ]);
});

const left = (index: number, rate_per_s: number, changes: object = {}, load: object = {}) => ({
  index,
  rate_per_s,
  prompt_tokens: 10,
  new_tokens: 3,
  load: { mode: 'open', rate_per_s, arrival_cv: 1, ramp_s: 0, max_in_flight: null, ...load },
  reason: 'overloaded',
  ...changes,
});

test('loads that were left out after an overload are named on the ladder of their own alone', async () => {
  const workloads = [open(2, 0.2), open(4, 0.2), open(2, 0.2, { arrival_cv: 3 }), open(4, 0.2, { arrival_cv: 3 })];
  const skipped = [left(4, 8), left(5, 16, {}, { arrival_cv: 3, ramp_s: 9 })];
  const { answer } = await pageOf({ all: { payloads: [payloadOf(workloads, { skipped })] } }, () => ({}), {
    gates: { ttft_p95_s: 1 },
  });
  const sentences = answer.filter((sentence) => sentence.includes('targets'));
  expect(sentences.map((sentence) => /by less: (.*)\.$/.exec(sentence)?.[1])).toEqual(['8', '16']);
});

test('loads that were left out after an overload are named, and a warning about one workload is none of the others', async () => {
  const payload = payloadOf([open(2, 0.2), open(4, 0.2)], {
    skipped: [
      left(1, 16),
      left(3, 8),
      left(4, 32, { prompt_tokens: 99 }),
      left(5, 64, {}, { arrival_cv: 3 }),
      left(6, 96, {}, { max_in_flight: 9 }),
      left(7, 128, { asked_lengths: { prompt_tokens: { uniform: [1, 19] }, new_tokens: 3 } }),
    ],
    warnings: [{ code: 'client-saturated', message: 'workload 2: busy' }],
  });
  const { answer, page } = await pageOf({ all: { payloads: [payload] } }, () => ({}), { gates: { ttft_p95_s: 1 } });
  expect(answer[0]).toContain('4 requests per s is the highest load that meets the targets');
  expect(answer[0]).toContain(
    '; the client was the limit at 4 (client-saturated); not measured, as the server was overloaded by less: 8, 16.',
  );
  expect(/client-saturated: [^<]*/.exec(page())?.[0]).toBe(
    'client-saturated: workload 2: busy (all open 4/s: 10+3 r1)',
  );
});

test('all requests succeeded: a sentence; no saturation: a sentence, and nothing in the answer', async () => {
  const { one, two } = ladder();
  const { words, answer } = await pageOf({ one, two });
  expect(words('load')).toContain('The server shows no saturation from 1 to 2 users at once.');
  expect(words('load')).toContain('All 45 requests ended as asked.');
  expect(answer.join(' ')).not.toContain('saturat');
});

test('requests that failed, by type, as shares of each experiment', async () => {
  const error = requestOf({ chunk_times_s: [], end_s: null, error: { type: 'timeout<b>', message: 'm' } });
  const cut = requestOf({ incomplete: { type: 'length', message: 'm' } });
  const requests = [error, error, cut];
  const { section } = await pageOf({
    good: { payloads: [payloadOf([loadOf({ users: 1, ttft_s: 0.01, tok_s: 100 })])] },
    bad: { payloads: [payloadOf([loadOf({ users: 1, ttft_s: 0.01, tok_s: 100, requests })])] },
  });
  const load = section('load');
  expect(countOf(load, 'bar')).toBe(2);
  expect(load.text).toContain('bad: 2 error: timeout&lt;b&gt;, 1 incomplete: length, of 8 requests, error: timeout');
  expect(load.text).toContain('1 experiment without any');
  expect(load.text).not.toContain('timeout<b>');
});

test('an engine has no load: no section', async () => {
  const { ids } = await pageOf({ a: { payloads: [payloadOf()] } });
  expect(ids).not.toContain('load');
});

test('what a server tells of its state, by load and over time; nothing of one that tells nothing', async () => {
  const told = (users: number) => {
    const load = loadOf({ users, ttft_s: 0.01, tok_s: 100 }) as { window: { to_s: number } };
    const readings = [0.2, 0.4, 0.6, 0.8].map((share) => ({
      at_s: share * load.window.to_s,
      took_s: 0,
      values: {
        running: Math.min(users, 2),
        waiting: Math.max(0, users - 2),
        queue_s: share * users,
        queue_requests: share,
        preemptions: 7,
      },
    }));
    const metrics = { source: 's', engine: 'e', period_s: 1, stale_s: 1, digits: null, names: {}, failed: 0, readings };
    const gpu = {
      source: 'nvidia-smi',
      period_s: 1,
      failed: 0,
      readings: readings.map(({ at_s }) => ({
        at_s,
        gpus: 1,
        power_w: 100 + users,
        memory_bytes: null,
        utilisation_percent: null,
        sm_clock_mhz: 1410,
      })),
    };
    return { payloads: [payloadOf([{ ...load, server_metrics: metrics, gpu }])] };
  };
  const { section } = await pageOf({ one: told(1), four: told(4) });
  const titles = drawingsOf(section('load')).map(({ title }) => title);
  expect(titles).toHaveLength(3 + 3 + 1 + 2 + 2);
  expect(titles.filter((title) => title.includes('power of the GPUs'))).toHaveLength(2);
  expect(titles.filter((title) => title.includes('clock of the GPUs'))).toHaveLength(1);
  expect(section('load').text).toContain('What the server told of its own state, by load');
  expect(section('load').text).toContain('<th scope="row">one</th><td>running in the server</td>');
  expect(section('load').text).toContain('0 at each load: preemptions.');
  const silent = await pageOf(ladder());
  expect(silent.section('load').text).not.toContain('its own state');
});

test('embeddings: their ladder is of the tokens that were read, and of the duration of a request', async () => {
  const embedded = (users: number, e2e_s: number, tok_s: number) => {
    const requests = Array.from({ length: 20 * users }, (_, index) =>
      requestOf({
        start_s: Math.floor(index / users) * e2e_s,
        chunk_times_s: [],
        end_s: e2e_s,
        done_s: e2e_s,
        new_tokens: null,
        first_chunk_tokens: null,
        usage: { prompt_tokens: Math.round((tok_s * e2e_s) / users), completion_tokens: null },
        embeddings: { count: 1, dimension: 8 },
      }),
    );
    const window = { from_s: 0, to_s: 20 * e2e_s };
    const more = { concurrency: users, new_tokens: null, token_count: {}, embeddings: { inputs: 1 }, window };
    return { payloads: [0.99, 1, 1.01].map(() => payloadOf([servedOf(requests, more)])) };
  };
  const { section, words } = await pageOf({
    one: embedded(1, 0.1, 100),
    two: embedded(2, 0.1, 200),
    four: embedded(4, 0.5, 200),
  });
  expect(drawingsOf(section('load')).map(({ title }) => title)).toEqual([
    expect.stringContaining('input'),
    expect.stringContaining('e2e'),
  ]);
  expect(words('load')).toMatch(/from 2 to 4 input goes from 200 to 200 tok\/s, e2e from 0\.1\d* to 0\.5\d* s/);
  expect(words('load')).toMatch(/highest input, 200 tok\/s \(3 repetitions, no interval\), at 2 users at once/);
  expect(words('trade-off')).toContain('Input against');
});
