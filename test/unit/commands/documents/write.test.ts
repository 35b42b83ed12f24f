import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeDocument } from '../../../../plugins/nx-study/src/commands/documents/write.ts';

test('a file that is there is never replaced: the next one has a number', async () => {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-documents-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const written = [];
  for (const text of ['one', 'two', 'three']) written.push(await writeDocument(root, 'studies/s/notes/day', text));
  expect(written).toEqual(['day', 'day-2', 'day-3'].map((name) => `studies/s/notes/${name}.md`));
  const texts = await Promise.all(written.map((file) => readFile(join(root, file), 'utf8')));
  expect(texts).toEqual(['one', 'two', 'three']);
});
