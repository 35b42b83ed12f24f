import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { filesOf, repository } from '../helpers/docs.ts';
import { problemsOf } from '../helpers/schemas.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

/** A workspace with the kits, some data, and all files that pages write out. */
const follow = (...pages: string[]): Promise<Workspace> => followWith([], ...pages);

/** The same with workers of this repository. */
async function followWith(workers: string[], ...pages: string[]): Promise<Workspace> {
  const files = Object.fromEntries(pages.flatMap((page) => [...filesOf(page)]));
  const workspace = await createWorkspace({ workers: [], studies: {}, files });
  for (const path of ['workers/kits', 'studies/data', 'studies/README.md', ...workers.map((name) => `workers/${name}`)])
    await cp(join(repository, path), join(workspace.root, path), { recursive: true });
  await commit(workspace);
  return workspace;
}

it('the workers that a page teaches are measured, and shared between its studies; a program plots them', async () => {
  const workspace = await follow('docs/own-worker.md', 'docs/api.md');
  const run = await workspace.measure();
  expect(run.all).not.toMatch(/failed/);
  expect(run.exitCode).toBe(0);

  const compression = workspace.finished('compression');
  expect(compression).toHaveLength(9);
  const level9 = await workspace.nx(['run', 'compression:report']);
  expect(level9.all).toMatch(/level-9-\w+ +9 +measured +[\d.]+ +11\.63/);

  await expectPlot(workspace, compression);

  const gzips = workspace.finished('gzips');
  expect(gzips.map(({ worker }) => worker).sort()).toEqual([
    'gzip',
    'gzip',
    ...Array.from({ length: 4 }, () => 'gzip-python'),
  ]);
  const digests = new Set(compression.map(({ digest }) => digest));
  expect(gzips.filter(({ digest }) => digests.has(digest))).toHaveLength(2);

  const answer = await workspace.nx(['run', 'answer:report']);
  expect(answer.all).toMatch(/measured +42/);
});

async function expectPlot({ root, edit }: Workspace, records: readonly MeasurementRecord[]): Promise<void> {
  const plot = async () => {
    const { stderr } = await execa('node', ['studies/compression/plot.mjs'], { cwd: root });
    return { stderr, svg: await readFile(join(root, 'plot.svg'), 'utf8') };
  };
  const { stderr, svg } = await plot();
  expect(stderr).toBe('');
  expect(svg.match(/<circle /g)).toHaveLength(records.length);
  expect(svg.match(/level (1|6|9): [\d.e-]+ s</g)).toHaveLength(3);

  // The numbers of other code are not drawn.
  await edit('workers/gzip/measure.mjs', "'node:zlib';", "'node:zlib'; // edited");
  const edited = await plot();
  expect(edited.stderr.match(/left out: level-\d is stale \(.*code/g)).toHaveLength(records.length);
  expect(edited.svg).not.toContain('<circle ');
  await edit('workers/gzip/measure.mjs', ' // edited', '');
}

it('the inference workers that a page teaches are measured, and not twice', async () => {
  const workspace = await follow('docs/llm-inference.md');
  const first = await workspace.measure();
  expect(first.all).not.toMatch(/failed/);
  expect(first.exitCode).toBe(0);
  const records = workspace.finished('bytes');
  expect(records.map(({ worker }) => worker).sort()).toEqual([
    'bigrams-node',
    'bigrams-node',
    'bigrams-python',
    'bigrams-python',
  ]);
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

it('the posterior that a page teaches is measured and derived; NaN in its diagnostics is told once', async () => {
  const workspace = await follow('docs/posterior.md');
  expect((await workspace.measure()).exitCode).toBe(0);
  const [{ id, digest }] = workspace.finished('coin') as [MeasurementRecord];
  const derived = await workspace.read(`results/coin/${id}/${digest.slice(0, 12)}/derived.json`);
  expect(problemsOf('derived', JSON.parse(derived))).toEqual([]);
  const good = await workspace.nx(['run', 'coin:report', '--width=400']);
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
  const report = await workspace.nx(['run', 'coin:report', '--width=400']);
  expect(report.all.split(told)).toHaveLength(2);
  expect(report.all).toContain('rhat_max, ess_min, divergences_max, ebfmi_min: no value (see the flag not-derived)');
});

it('the PyMC model that a page teaches is sampled: centred fails its gates; its imports count, and what it hides is refused', async () => {
  const workspace = await followWith(['pymc'], 'docs/own-model.md');
  const run = await workspace.measure();
  expect(run.all).not.toMatch(/failed/);
  expect(run.exitCode).toBe(0);
  const { all } = await workspace.nx(['run', 'schools:report', '--width=400']);
  expect(all).toMatch(/Gates failed in 1 measurement:\s+centred-/);
  expect(all).toMatch(/^non-centred-\w+ \* .*measured .*PASS/m);
  expect(all).toMatch(/^centred-\w+ .*measured .*FAIL/m);

  const model = 'studies/schools/model.py';
  await workspace.write('studies/schools/prior.py', 'SCALE = 5\n');
  await workspace.edit(model, 'import pymc as pm', 'import prior\nimport pymc as pm');
  const plan = async () => (await workspace.nx(['run', 'schools:plan', '--json'])).all;
  const before = await plan();
  await workspace.edit('studies/schools/prior.py', '5', '6');
  expect(await plan()).not.toBe(before);

  await workspace.edit(model, 'import prior', 'prior = __import__("pri" + "or")');
  const strange = /imported the module prior from .*prior\.py\. No identity covers that file/;
  const doctor = await workspace.nx(['run', 'schools:doctor', '--json']);
  expect(doctor.exitCode).toBe(1);
  expect(doctor.all).toMatch(strange);
  const hidden = await workspace.measure(['-p', 'schools']);
  expect(hidden.all).toMatch(strange);

  await workspace.edit(model, 'def build(data, config)', 'def build(data)');
  const wrong = await workspace.nx(['run', 'schools:plan']);
  expect(wrong.all).toMatch(/model\.py, line 10: build must take 2 parameters, \(data, config\); it has \(data\)/);
});
