import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { currentIdentity } from '../../../../plugins/nx-study/src/graph/current.ts';
import { identifiedTasks } from '../../../../plugins/nx-study/src/graph/tasks.ts';
import { runTasks } from '../../../../plugins/nx-study/src/measure/run/run.ts';
import { loadStudy } from '../../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

// The real one, counted.
vi.mock('../../../../plugins/nx-study/src/graph/current.ts', { spy: true });

beforeEach(() => void vi.mocked(currentIdentity).mockClear());

/** A study that measures each size; those above 3 run out of memory. Returns what runs it, and a model outside of it. */
async function aStudy(setting: 'size' | 'model' = 'size') {
  const root = temporaryFolder();
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(root, 'lock'));
  vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const model = join(temporaryFolder(), 'model.bin');
  await writeFile(model, 'weights');
  const script = [
    `if grep -q '"size": [4-9]' "$1/request.json"`,
    `then printf '{"t":1,"event":"failure","type":"oom","message":"full"}\\n' >> "$1/events.jsonl"; exit 1; fi`,
    `printf '{"protocol":1,"kind":"values","payload":{"size_count":1}}' > "$1/result.json"`,
  ];
  const worker = {
    protocol: 1,
    kind: 'values',
    description: 'Says a number',
    commands: { measure: ['sh', '{worker}/measure.sh', '{run}'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['measure.sh'],
  };
  const properties = { size: { type: 'integer', default: 1 }, model: { type: 'string', format: 'asset' } };
  const study = {
    worker: 'tiny',
    sweep: { [setting]: setting === 'size' ? [1, 4, 5] : [model] },
    repeat: { order: 'sequential' },
    execution: { gap: { min_s: 0 }, monotone: ['size'] },
  };
  const files = {
    'workers/tiny/worker.json': JSON.stringify(worker),
    'workers/tiny/config.schema.json': JSON.stringify({ type: 'object', additionalProperties: false, properties }),
    'workers/tiny/measure.sh': script.join('\n'),
    'studies/s/study.yaml': JSON.stringify(study),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return async function run() {
    const workers = await readWorkers(root);
    const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/s/study.yaml', workers });
    const tasks = (await identifiedTasks(root, plan, workers, { lasting: true })).map(({ task }) => task);
    vi.mocked(currentIdentity).mockClear();
    const texts: string[] = [];
    for await (const { text } of runTasks(root, tasks)) texts.push(text);
    const counts = tasks.map(
      ({ id }) => vi.mocked(currentIdentity).mock.calls.filter(([, task]) => task.id === id).length,
    );
    return { texts, counts };
  };
}

test('an identity is computed right before the worker starts and after it ended, and for records of what never starts', async () => {
  const run = await aStudy();
  const first = await run();
  expect(first.texts).toEqual([
    expect.stringMatching(/s size-1: measured/),
    expect.stringContaining('failed (oom: full'),
    expect.stringMatching(/s size-5: too-large \(larger than size-4/),
  ]);
  // What failed by itself is compared with nothing afterwards.
  expect(first.counts).toEqual([2, 1, 1]);
});

test('nothing is computed again for what is measured, or whose failure is final', async () => {
  const run = await aStudy();
  await run();
  expect((await run()).counts).toEqual([0, 0, 0]);
});

test('and once more for contents that Nx’s graph could not know', async () => {
  const run = await aStudy('model');
  const { texts, counts } = await run();
  expect(texts).toEqual([expect.stringContaining(': measured')]);
  expect(counts).toEqual([3]);
  expect((await run()).counts).toEqual([1]);
});
