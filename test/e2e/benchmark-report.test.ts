import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Payload, ServedRequest, ServedWorkload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { startFakeServer } from '../helpers/fake-server.ts';
import { readByLlmd } from '../helpers/llmd.ts';
import type { Report } from '../helpers/llmd.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const FIRST_S = 0.06;
const GAP_S = 0.02;
const NEW_TOKENS = 8;

/** The workloads of a measurement, as its result.json has them. */
async function resultOf({ root, finished }: Workspace, label: string) {
  const record = finished('served').find((one) => one.label === label)!;
  const directory = finishedDirectory({ workspaceRoot: root, study: 'served', id: record.id }, record.digest);
  const { payload } = JSON.parse(await readFile(join(directory, 'result.json'), 'utf8')) as { payload: Payload };
  return { id: record.id, workloads: payload.workloads as ServedWorkload[] };
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

const ttftOf = ({ chunk_times_s }: ServedRequest) => chunk_times_s[0]!;
const tpotOf = ({ chunk_times_s }: ServedRequest) => (chunk_times_s.at(-1)! - chunk_times_s[0]!) / (NEW_TOKENS - 1);

/** What the report must say of the latencies of these requests. */
function expectLatency(found: Report, of: number[], units: string): void {
  const near = (value: number) => expect.closeTo(value, 12);
  const [min, max] = [Math.min(...of), Math.max(...of)];
  expect(found).toMatchObject({ units, mean: near(mean(of)), p50: near(median(of)), min: near(min), max: near(max) });
}

test('a measured server is a report that the package of llm-d accepts, with the numbers of the result', async () => {
  const server = await startFakeServer();
  const timing = `first=${FIRST_S * 1000},gap=${GAP_S * 1000}`;
  const study = {
    worker: 'endpoint',
    base: {
      model: 'm',
      prompt_tokens: 32,
      new_tokens: NEW_TOKENS,
      warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
      measure: { requests: 12, min_s: 0 },
    },
    experiments: [
      {
        label: 'loads',
        url: server.url(timing),
        workloads: [{ load: { mode: 'closed', concurrency: 2 } }, { load: { mode: 'open', rate_per_s: 10 } }],
      },
      { label: 'failing', url: server.url(`${timing},fail-every=5`) },
    ],
  };
  const workspace = await createWorkspace({
    workers: ['endpoint', 'kits'],
    studies: { served: JSON.stringify(study) },
  });
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const run = await workspace.nx(['run', 'served:report', '--llmd']);
  expect(run.all).toContain('llm-d Benchmark Reports: 3 files in results/served/report/llm-d');
  expect(run.exitCode).toBe(0);

  const [loads, failing] = [await resultOf(workspace, 'loads'), await resultOf(workspace, 'failing')];
  const names = [`${loads.id}-1`, `${loads.id}-2`, failing.id];
  const reports = await readByLlmd(
    names.map((name) => join(workspace.root, 'results/served/report/llm-d', `${name}.yaml`)),
  );
  for (const [index, { requests }] of [...loads.workloads, ...failing.workloads].entries()) {
    const { aggregate } = reports[index].results.request_performance;
    const good = requests.filter(({ error }) => error === null);
    expect(aggregate.requests).toEqual({ total: 12, failures: 12 - good.length, incomplete: 0 });
    const { time_to_first_token: ttft, time_per_output_token: tpot, request_latency: latency } = aggregate.latency;
    expectLatency(ttft, good.map(ttftOf), 's');
    expectLatency(tpot, good.map(tpotOf), 's/token');
    expectLatency(
      latency,
      good.map(({ end_s }) => end_s!),
      's',
    );
    // What the server did: none can be earlier.
    expect(ttft.min).toBeGreaterThan(FIRST_S - 0.002);
    expect(latency.min).toBeGreaterThan(FIRST_S + (NEW_TOKENS - 1) * GAP_S - 0.002);
    const span_s =
      Math.max(...good.map(({ start_s, end_s }) => start_s + end_s!)) - Math.min(...good.map(({ start_s }) => start_s));
    const { output_token_rate: rate } = aggregate.throughput;
    expect(rate).toMatchObject({ units: 'tokens/s', mean: expect.closeTo((good.length * NEW_TOKENS) / span_s, 6) });
  }
  const [closed, open, third] = reports;
  expect(closed.scenario.load.standardized).toMatchObject({ concurrency: 2, tool: 'nx-study endpoint' });
  expect(open.scenario.load.standardized).toMatchObject({ rate_qps: 10 });
  expect(third.results.request_performance.aggregate.requests.failures).toBeGreaterThan(0);
  expect(third.run.keywords).toContain('failed-requests');

  // The results say which load comes next, and what a run of it needs.
  const file = 'studies/served/study.yaml';
  await workspace.edit(file, '"experiments":', '"gates":{"ttft_s":5},"experiments":');
  const refined = await workspace.nx(['run', 'served:refine', '--write']);
  expect(refined.exitCode).toBe(0);
  expect(refined.all).toContain('All loads meet them, up to 1 user at once, so the limit lies higher. Next: 2.');
  expect(refined.all).toContain('add 4 by hand');
  expect(await workspace.read(file)).toContain(', load: { mode: closed, concurrency: 2 } }]');
  const doctor = await workspace.nx(['run', 'served:doctor', '--json']);
  expect(doctor.exitCode).toBe(0);
  const { to_do, done, items } = JSON.parse(doctor.all.slice(doctor.all.indexOf('{'), doctor.all.lastIndexOf('}') + 1));
  expect({ to_do, done }).toEqual({ to_do: 1, done: 2 });
  expect(items).toContainEqual(expect.objectContaining({ item: 'environment', state: 'ok' }));
  expect(items).toContainEqual(expect.objectContaining({ item: 'engine', state: 'ok' }));
  expect(items).toContainEqual(expect.objectContaining({ item: 'device lock', state: 'ok', measurements: null }));
});
