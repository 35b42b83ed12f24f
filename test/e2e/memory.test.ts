import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Preview } from '../../plugins/nx-study/src/commands/plan/preview.ts';
import { ggufFile, llama } from '../helpers/gguf.ts';
import type { GgufContent } from '../helpers/gguf.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

// 80 layers × 64 heads × (128 keys + 128 values) × 2 bytes: 2.5 MiB for each token.
const LARGE = llama({
  'llama.block_count': 80,
  'llama.embedding_length': 8192,
  'llama.attention.head_count': 64,
  'llama.attention.head_count_kv': 64,
});

/** A workspace with one study of a model that lies beside it. */
async function create(model: GgufContent | Buffer, further: string): Promise<Workspace> {
  const workspace = await createWorkspace({ workers: ['inference'], studies: {} });
  const path = join(workspace.home, 'models/large.gguf');
  await mkdir(join(workspace.home, 'models'));
  await writeFile(path, Buffer.isBuffer(model) ? model : ggufFile(model));
  await workspace.write('studies/large/study.yaml', `worker: inference\nbase: {model: ${path}}\n${further}`);
  await commit(workspace);
  return workspace;
}

// A terabyte and more of keys and values: 2.5 MiB × 500,000.
const SWEEP = 'sweep: {prompt_tokens: [8, 500000]}\n';

test('what cannot fit is too large, with need and have, settled, and tried again on purpose', async () => {
  const workspace = await create(LARGE, SWEEP);
  const planned = await workspace.command(['large:plan']);
  expect(planned.all).toContain('is too large');
  expect(planned.all).toContain("1 to measure, 1 that can't fit into memory, 0 of 2 done");
  const { all: json } = await workspace.command(['large:plan', '--json']);
  const { rows } = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as Preview;
  expect(rows.map(({ next }) => next)).toEqual(['measure', 'too-large']);
  const { memory } = rows[1]!;
  expect(memory!.terms.find(({ name }) => name === 'KV cache')!.bytes).toBe(500_002 * 80 * 64 * 256 * 2);
  expect(memory!.estimate_bytes).toBeGreaterThan(memory!.available_bytes);

  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: ['prompt-tokens-8'] });
  expect(run.all).toMatch(
    /: too-large \(needs 1220\.\d GiB of memory \(weights 0\.0, KV cache 1220\.\d, logits 0\.0, overhead 0\.1\), and \d+\.\d GiB are available/,
  );
  expect(workspace.finished('large')).toHaveLength(1);
  expect(workspace.finished('large')[0]!.memory).toMatchObject({ terms: expect.any(Array), omitted: [] });
  const [large] = workspace.failed('large');
  expect(large).toMatchObject({
    outcome: 'failed',
    failure: { type: 'too-large', phase: null, message: expect.stringContaining('needs 1220') },
    memory: { estimate_bytes: memory!.estimate_bytes },
    cool_down: { waited_s: 0 },
  });

  const again = await workspace.measure();
  expect(again).toMatchObject({ exitCode: 1, started: [] });
  expect(again.all).toContain('not tried again: attempt 1 ended with "too-large"');
  expect(workspace.failed('large')).toHaveLength(1);
  expect((await workspace.command(['large:plan'])).all).toContain("1 that can't fit into memory");
  const insisted = await workspace.command(['large:plan'], { env: { NX_STUDY_IGNORE_MEMORY: '1' } });
  expect(insisted.all).toContain('1 to measure, 1 of 2 done');

  const report = await workspace.command(['large:report']);
  expect(report.all).toContain('too-large: needs 1220');
  expect(report.all).not.toContain('worker.log');

  const retried = await workspace.measure([], { env: { NX_STUDY_RETRY: '1' } });
  expect(retried).toMatchObject({ exitCode: 1, started: [] });
  expect(workspace.failed('large').map(({ attempt }) => attempt)).toEqual([1, 2]);

  const forced = await workspace.measure([], { env: { NX_STUDY_IGNORE_MEMORY: '1' } });
  expect(forced).toMatchObject({ exitCode: 0, started: ['prompt-tokens-500000'] });
  expect(forced.all).toContain('(memory-ignored)');
});

test('a study may expect what cannot fit to fail', async () => {
  const workspace = await create(
    LARGE,
    'experiments: [{label: far-too-long, prompt_tokens: 500000, expect: failed}]\n',
  );
  const first = await workspace.measure();
  expect(first).toMatchObject({ exitCode: 0, started: [] });
  expect(first.all).toContain('failed, as expected (too-large: needs 1220');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
});

test('a header that tells nothing keeps nothing from starting', async () => {
  const workspace = await create(Buffer.from('no model at all'), SWEEP);
  const planned = await workspace.command(['large:plan']);
  expect(planned.all).toContain('2 to measure');
  expect(planned.all).toContain('memory: not checked for 2 measurements');
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 0, started: ['prompt-tokens-8', 'prompt-tokens-500000'] });
  const [record] = workspace.finished('large');
  expect(record!.findings).toEqual([
    { code: 'memory-unchecked', message: expect.stringContaining('does not begin with "GGUF"') },
  ]);
});
