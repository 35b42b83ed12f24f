import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCosts } from '../../../../plugins/nx-study/src/commands/plan/costs.ts';
import { digestOf } from '../../../../plugins/nx-study/src/graph/identity.ts';
import { writeRecord } from '../../../../plugins/nx-study/src/record/durable.ts';
import { DIGEST_DIGITS } from '../../../../plugins/nx-study/src/record/paths.ts';
import type { Identity, MeasurementRecord } from '../../../../plugins/nx-study/src/record/schema.ts';
import type { Stored } from '../../../../plugins/nx-study/src/record/read.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import { aTask } from '../../measure/task.ts';
import { recordOf } from '../../record/workspace.ts';
import { aWorker } from '../../worker/manifest.ts';

const identity: Identity = {
  protocol: 1,
  worker: 'w',
  configuration: {},
  code: 'c',
  environment: null,
  platform: null,
  cpus: null,
  env: {},
  repetition: 1,
  seed: 1,
  take: 1,
};

/** A posterior on the disk: 40 of 60 s were sampling 2 × 1,000 draws of one chain after another, of 100 observations. */
async function measured(change: Partial<MeasurementRecord> = {}): Promise<Stored> {
  const task = aTask({ worker: 'w', digest: await digestOf(identity) });
  const directory = join(temporaryFolder(), task.id, task.digest.slice(0, DIGEST_DIGITS));
  mkdirSync(directory, { recursive: true });
  const payload = {
    sampler: { name: 'nuts', chains: 2, tune: 500, draws: 500 },
    observations: 100,
    parameters: 3,
    timings: { compile_s: 5, sample_s: 40 },
    memory: { rss_peak_bytes: null },
    versions: {},
  };
  const text = JSON.stringify({ protocol: 1, kind: 'posterior', payload });
  writeFileSync(join(directory, 'result.json'), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const record = recordOf(task, identity, {
    kind: 'posterior',
    elapsed_s: 60,
    allowance: { cpus: 1, memory_bytes: null },
    supervisor: { host: hostname(), pid: 1, boot: 'b', start_time: null },
    files: [{ path: 'result.json', sha256, bytes: text.length, local: false }],
    ...change,
  });
  await writeRecord(directory, record);
  return { directory, record, result: null, derived: null };
}

const workers = new Map([['w', aWorker({ kind: 'posterior' })]]);
const size = { parameters: 3, observations: 200, saved: 4 };
const standing = { state: 'pending', reason: null, next: 'measure', why: 'first time' } as const;
const task = aTask({ worker: 'w', cpus: 1, configuration: { chains: 2, tune: 500, draws: 1500 } });

it('costs follow from the size that a check gave, and from what the same worker measured on this machine', async () => {
  const elsewhere = await measured({ supervisor: { host: 'other', pid: 1, boot: 'b', start_time: null } });
  const another = await measured({ worker: 'v' });
  const costs = openCosts(workers, [await measured(), elsewhere, another]);
  expect(await costs({ task, standing, size })).toEqual({
    disk_bytes: 2 * 1500 * 4 * 8,
    time: {
      scaled: [20 + 40 * 2 * 2],
      rough: { median_s: expect.any(Number), low_s: expect.any(Number), high_s: expect.any(Number) },
    },
  });
});

it('nothing follows without a size, for another kind, or where nothing is to be measured', async () => {
  const unknown = { disk_bytes: null, time: { scaled: [], rough: null } };
  const costs = openCosts(workers, [await measured()]);
  expect(await costs({ task, standing, size: null })).toEqual(unknown);
  expect(await costs({ task, standing: { ...standing, state: 'measured', next: 'nothing' }, size })).toEqual(unknown);
  expect(await openCosts(new Map([['w', aWorker()]]), [])({ task, standing, size })).toEqual(unknown);
});
