import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCheck } from '../../../../../plugins/nx-study/src/check/run.ts';
import { readWorkers } from '../../../../../plugins/nx-study/src/worker/read.ts';
import { treeOf } from '../../../../helpers/tree.ts';

const repository = join(import.meta.dirname, '../../../../..');

test.each(['endpoint', 'llama-cpp'])(
  '%s: a dataset is checked before anything is built, with its place',
  async (name) => {
    const worker = (await readWorkers(repository)).get(name)!;
    const root = await treeOf({
      'day/chats.jsonl': '{"prompt": "a"}\n{"prompt": 3}\n',
      'night/chats.jsonl': '{"prompt": "a"}\n',
    });
    const file = (folder: string) => join(root, folder, 'chats.jsonl');
    const of = (dataset: object | null) => runCheck(repository, worker, { dataset: dataset as never });
    expect(await of({ file: file('day'), form: 'prompt', order: 'file' })).toMatchObject({
      state: 'answered',
      problems: [
        {
          path: 'dataset.file',
          message: `dataset: ${file('day')}, line 2: prompt is 3; it must be a text that is not empty`,
          file: file('day'),
        },
      ],
    });
    for (const fine of [{ file: file('night'), form: 'prompt', order: 'file' }, null])
      expect(await of(fine)).toMatchObject({ state: 'answered', problems: [] });
  },
);
