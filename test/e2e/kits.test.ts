import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { problemsOf } from '../helpers/schemas.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';
import { kits, readme } from '../unit/kits/workers.ts';

// The workers of workers/README.md, as somebody would write them down.
const section = readme.split('\n## The kits\n')[1]!.split('\n## ')[0]!;
const example = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)![1]!;
const row = (title: string) => section.split('\n').find((line) => line.startsWith(`| ${title}`))!;
const column = (title: string, index: number) => row(title).split('|')[index + 2]!.trim().replaceAll(/^`|`$/g, '');

const number = (value: number) => ({ type: 'number', default: value });
const group = (properties: object) => ({ type: 'object', additionalProperties: false, default: {}, properties });
const config = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['model'],
  properties: {
    model: { type: 'string', format: 'data-file' },
    batch_size: number(2),
    prompt_tokens: number(16),
    new_tokens: number(8),
    warmup: group({
      min_iterations: number(3),
      max_iterations: number(5),
      min_s: number(0),
      window: number(3),
      target_cv: number(0.5),
    }),
    measure: group({ iterations: number(8), min_s: number(0), max_s: number(60), memory_iterations: number(1) }),
    energy: { type: ['object', 'null'], default: null },
  },
};

const study = `
description: Which byte follows which?
workers: [python-kit, node-kit]
platform: any
seed: 3
base: { model: ../text.txt }
sweep: { batch_size: [1, 3] }
`;

async function addWorker(workspace: Workspace, name: string, language: string, index: number, file: string) {
  const env = column('`env`', index);
  const manifest = {
    protocol: 1,
    kind: 'llm-inference',
    description: 'Which byte follows which',
    commands: { measure: JSON.parse(column('`commands.measure`', index)) as string[] },
    environment: { type: 'system' },
    env: env === '' ? {} : (JSON.parse(env) as object),
    config: 'config.schema.json',
    measuring: JSON.parse(column('`measuring`', index)) as string[],
    platform: 'any',
  };
  await workspace.write(`workers/${name}/worker.json`, JSON.stringify(manifest));
  await workspace.write(`workers/${name}/config.schema.json`, JSON.stringify(config));
  await workspace.write(`workers/${name}/src/${file}`, example(language));
}

it('the workers of the README are measured, and not twice', async () => {
  const workspace = await createWorkspace({
    workers: [],
    studies: { bytes: study },
    files: { 'studies/text.txt': 'Which byte follows which? '.repeat(50) },
  });
  await cp(kits, join(workspace.root, 'workers/kits'), { recursive: true });
  await addWorker(workspace, 'python-kit', 'python', 0, 'measure.py');
  await addWorker(workspace, 'node-kit', 'ts', 1, 'measure.ts');
  await commit(workspace);

  const first = await workspace.measure();
  expect(first.all).not.toMatch(/failed/);
  expect(first.exitCode).toBe(0);
  const records = workspace.finished('bytes');
  expect(records.map(({ worker }) => worker).sort()).toEqual(['node-kit', 'node-kit', 'python-kit', 'python-kit']);
  for (const { phases } of records)
    expect(phases.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['importing', 'loading', 'first-call', 'warming-up', 'measuring', 'memory', 'teardown']),
    );

  for (const { id, digest } of records) {
    const read = (file: string) => workspace.read(`results/bytes/${id}/${digest.slice(0, 12)}/${file}`);
    const documents = ['request', 'result', 'record'].map(async (name) => [name, await read(`${name}.json`)] as const);
    for (const [name, text] of await Promise.all(documents)) expect(problemsOf(name, JSON.parse(text))).toEqual([]);
    const events = (await read('events.jsonl')).trimEnd().split('\n');
    for (const event of events) expect(problemsOf('event', JSON.parse(event))).toEqual([]);
  }

  const second = await workspace.measure();
  expect(second.exitCode).toBe(0);
  expect(workspace.finished('bytes')).toEqual(records);

  const report = await workspace.nx(['run', 'bytes:report']);
  expect(report.exitCode).toBe(0);
  for (const { id } of records) expect(report.all).toMatch(new RegExp(`${id.replace(/-[0-9a-f]{8}$/, '')} +measured`));
  expect(report.all).toMatch("prefill_tok_s: bigrams can't read a prompt without generating");
});

const posterior = readme.split('\n## posterior\n')[1]!.split('\n## ')[0]!;
const [measure, derive] = [...posterior.matchAll(/```python\n(.*?)```/gs)].map(([, code]) => code!);
const cell = (key: string) => {
  const line = posterior.split('\n').find((one) => one.startsWith(`| \`${key}\``))!;
  return JSON.parse(/\| `([^|]*)` +\|$/.exec(line)![1]!) as unknown;
};

it('the posterior of the README is measured and derived; NaN in its diagnostics is told once', async () => {
  const workspace = await createWorkspace({
    workers: [],
    studies: { coin: 'worker: coin\nbase: { heads: 60 }\nsweep: { tails: [40] }\n' },
  });
  await cp(kits, join(workspace.root, 'workers/kits'), { recursive: true });
  const whole = { type: 'integer', minimum: 0 };
  await workspace.write(
    'workers/coin/config.schema.json',
    JSON.stringify({ ...config, required: [], properties: { heads: whole, tails: whole, draws: number(1000) } }),
  );
  const manifest = {
    protocol: 1,
    kind: 'posterior',
    description: 'How likely is heads?',
    commands: cell('commands'),
    environment: { type: 'system' },
    env: { PYTHONPATH: '{kits}/python' },
    config: 'config.schema.json',
    measuring: cell('measuring'),
    deriving: cell('deriving'),
  };
  await workspace.write('workers/coin/worker.json', JSON.stringify(manifest));
  await workspace.write('workers/coin/src/measure.py', measure!);
  await workspace.write('workers/coin/src/derive.py', derive!);
  await commit(workspace);

  expect((await workspace.measure()).exitCode).toBe(0);
  const [{ id, digest }] = workspace.finished('coin') as [MeasurementRecord];
  const derived = await workspace.read(`results/coin/${id}/${digest.slice(0, 12)}/derived.json`);
  expect(problemsOf('derived', JSON.parse(derived))).toEqual([]);
  const good = await workspace.nx(['run', 'coin:report', '--columns=400']);
  expect(good.all).toMatch(/measured \(1 PASS\)/);

  // Not by the kit, which would refuse to write it.
  await workspace.edit(
    'workers/coin/src/derive.py',
    'write_json(Path(out), derived)',
    'derived["ebfmi_min"] = float("nan"); Path(out).write_text(json.dumps(derived))',
  );
  const bad = await workspace.measure();
  expect(bad.exitCode).not.toBe(0);
  const told = '`ebfmi_min`: NaN is no JSON; write null, and why under `reasons`';
  expect(bad.all.split(told)).toHaveLength(2);
  const report = await workspace.nx(['run', 'coin:report', '--columns=400']);
  expect(report.all.split(told)).toHaveLength(2);
  expect(report.all).toContain('rhat_max, ess_min, divergences_max, ebfmi_min: no value (see the flag not-derived)');
});
