import { expect, test } from 'vitest';
import { payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { csvLines } from '../../tables/csv.ts';
import { planOf, workspaceOf } from './workspace.ts';

const kind = 'llm-inference';
const base = payloadOf();

/** What a worker wrote that asked a server which tells this of itself. */
const askedOf = (told: object | undefined, origin = 'http://gpu:8000') =>
  payloadOf([servedOf([requestOf()]), servedOf([requestOf()])], {
    engine: { ...base.engine, build: { origin, path: '/v1/completions', command: null }, ...(told && { told }) },
    settings: { asked: { model: 'm' }, effective: {} },
  });

async function studyOf(payloads: Record<string, object>) {
  const workspace = await workspaceOf(planOf(Object.fromEntries(Object.keys(payloads).map((label) => [label, {}]))));
  for (const [label, payload] of Object.entries(payloads))
    await workspace.write({ id: `${label}-1a2b3c4d`, kind, payload });
  return workspace;
}

const changesOf = async ({ results }: Awaited<ReturnType<typeof studyOf>>) =>
  (await results()).rows.flatMap(({ id, findings }) =>
    findings.filter(({ code }) => code === 'server-changed').map(({ message }) => ({ id, message })),
  );

const first = { 'version version': '0.31', 'models max_model_len': 4096 };

test('a server that became another one between measurements is a finding of all that asked it, with what and between which', async () => {
  const workspace = await studyOf({
    one: askedOf(first),
    two: askedOf({ ...first, 'version version': '0.32' }),
    elsewhere: askedOf({ 'version version': '0.33' }, 'http://other:8000'),
    older: askedOf(undefined),
  });
  const changes = await changesOf(workspace);
  // Each has two workloads, so two rows.
  const asked = ['one', 'one', 'two', 'two'].map((label) => `${label}-1a2b3c4d`);
  expect(changes.map(({ id }) => id)).toEqual(asked);
  expect(changes[0]!.message).toContain(
    'http://gpu:8000/v1/completions m) was not the same for all measurements: ' +
      'version version "0.31" (one-1a2b3c4d) or "0.32" (two-1a2b3c4d)',
  );
  const text = (await workspace.render(200)).replaceAll(/\s+/g, ' ');
  expect(text).toContain('server-changed: the server (http://gpu:8000/v1/completions m) was not the same');
  expect(text).toContain('(one-1a2b3c4d, two-1a2b3c4d)');
  const lines = csvLines(await workspace.results());
  expect(lines.filter(({ findings }) => findings!.includes('server-changed'))).toHaveLength(4);
  expect(JSON.parse(lines[0]!['server_told']!)).toEqual(first);
});

test('the same server, and one that once did not answer what it is, are no change; a flag that is gone is one', async () => {
  expect(await changesOf(await studyOf({ one: askedOf(first), two: askedOf(first) }))).toEqual([]);
  const silent = { 'models max_model_len': 4096 };
  expect(await changesOf(await studyOf({ one: askedOf(first), two: askedOf(silent), three: askedOf({}) }))).toEqual([]);
  const without = { 'version version': '0.31', 'models root': '/m' };
  const gone = await changesOf(
    await studyOf({ one: askedOf({ ...first, 'models root': '/m' }), two: askedOf(without) }),
  );
  expect(gone[0]!.message).toContain('models max_model_len 4096 (one-1a2b3c4d) or not reported (two-1a2b3c4d)');
});

test('targets of a study: met, missed and undecided stand in the answer and below the table, as no weakness of the numbers', async () => {
  const served = (ttft_s: number, count: number) =>
    payloadOf([
      servedOf(
        Array.from({ length: count }, (_, index) => requestOf({ start_s: index, chunk_times_s: [ttft_s, 0.55, 0.6] })),
        { window: { from_s: 0, to_s: count } },
      ),
    ]);
  const payloads = { fast: served(0.1, 60), slow: served(0.5, 60), short: served(0.1, 20) };
  const judging = { gates: { ttft_p95_s: 0.3 }, slo: { ttft_s: 0.3 } };
  const workspace = await workspaceOf(
    planOf({ fast: {}, slow: {}, short: {} }, 1, { ...judging, baseline: ['fast-1a2b3c4d'] }),
  );
  for (const [label, payload] of Object.entries(payloads))
    await workspace.write({ id: `${label}-1a2b3c4d`, kind, payload });
  const results = await workspace.results();
  expect(results.rows.map(({ verdict }) => verdict)).toEqual(['PASS', 'FAIL', 'UNDECIDED']);
  const text = (await workspace.render(400)).replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'The target ttft_p95_s < 0.3 is met by fast; missed by slow; undecided for short: requests are too few, or failed, or their times are not known.',
  );
  expect(text).toContain('Gates are undecided in 1 measurement');
  expect(text).toContain('ttft_p95_s: 20 values allow no upper bound; 59 are needed');
  expect(text).not.toContain('not to be relied on');
  const lines = csvLines(results);
  expect(lines.map(({ goodput_per_s }) => Number(goodput_per_s) > 0)).toEqual([true, false, true]);
});
