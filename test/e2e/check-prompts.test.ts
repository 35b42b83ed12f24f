import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Preview } from '../../plugins/nx-study/src/commands/plan/preview.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const TEXTS = `
worker: transformers
base:
  model: { synthetic: { layers: 1, hidden_size: 64, intermediate_size: 128, heads: 4, kv_heads: 2, vocabulary: 512 } }
  dataset: { file: chats.jsonl, form: messages }
sweep: { batch_size: [1, 2] }
`;
const TRACE = `
worker: endpoint
base: { url: 'http://127.0.0.1:9/v1', model: m, load: { mode: replay, file: ../day.jsonl } }
sweep: { load.speed: [1, 2] }
`;

test('a wrong dataset of an offline worker and a wrong trace are told by plan, with their lines; a run makes no environment', async () => {
  const workspace = await createWorkspace({
    workers: ['transformers', 'endpoint', 'kits'],
    studies: { texts: TEXTS, replay: TRACE },
    files: {
      'studies/texts/chats.jsonl': '{"messages": [{"role": "user", "content": "a"}]}\n{"messages": [{"role": "me"}]}\n',
      'studies/day.jsonl':
        '{"at_s": 0, "prompt_tokens": 8, "new_tokens": 2}\n\n{"at_s": "1", "prompt_tokens": 8, "new_tokens": 2}\n',
    },
  });
  const cache = join(workspace.home, 'cache');
  const env = { NX_STUDY_CACHE_DIR: cache };
  const told = {
    texts: 'studies/texts/chats.jsonl, line 2: messages[0].role is "me"; it must be one of system, developer, user',
    replay: 'studies/day.jsonl, line 3: at_s is "1"; it must be seconds, from 0 on',
  };
  const problems = {
    texts: { path: 'dataset.file', file: 'studies/texts/chats.jsonl', line: 2, value: '"me"' },
    replay: { path: 'load.file', file: 'studies/day.jsonl', line: 3, value: '"1"' },
  };
  for (const study of ['texts', 'replay'] as const) {
    const plan = await workspace.command([`${study}:plan`], { env });
    expect(plan.exitCode).toBe(1);
    expect(plan.all).toContain(`fails (2 measurements): ${told[study]}`);
    const { all: json } = await workspace.command([`${study}:plan`, '--json'], { env });
    const preview = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as Preview;
    expect(preview.rows.map(({ next }) => next)).toEqual(['fail', 'fail']);
    expect(preview.input_notes[0]!.problems).toMatchObject([problems[study]]);
  }

  const run = await workspace.measure([], { env });
  expect(run.exitCode).toBe(1);
  for (const study of ['texts', 'replay'] as const)
    expect(workspace.failed(study).map(({ failure }) => failure)).toMatchObject(
      [0, 1].map(() => ({ type: 'unsupported', message: expect.stringContaining(told[study]) })),
    );
  expect(existsSync(join(cache, 'environments'))).toBe(false);

  await workspace.write('studies/texts/chats.jsonl', '{"messages": [{"role": "user", "content": "a"}]}\n');
  await workspace.write('studies/day.jsonl', '{"at_s": 0, "prompt_tokens": 8, "new_tokens": 2}\n');
  const fine = await workspace.command(['replay:plan'], { env });
  expect(fine).toMatchObject({ exitCode: 0, all: expect.stringContaining('2 to measure') });
  expect((await workspace.command(['texts:plan'], { env })).all).not.toContain('chats.jsonl');
});
