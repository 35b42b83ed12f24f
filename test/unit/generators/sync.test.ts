import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flushChanges, FsTree } from 'nx/src/generators/tree.js';
import { expect, test } from 'vitest';
import sync from '../../../plugins/nx-study/src/generators/sync.ts';
import { editorSchema } from '../../../plugins/nx-study/src/study/editor.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { makeWorkspace, votes } from '../study/workspace.ts';

/** Brings a workspace up to date, as `nx sync` does. */
async function synced(root: string) {
  const tree = new FsTree(root, false);
  const { outOfSyncMessage } = await sync(tree);
  const files = tree.listChanges().map(({ path }) => path);
  flushChanges(root, tree.listChanges());
  return { outOfSyncMessage, files };
}

const study = `worker: sampler\nbase: {votes: ${votes}}\n`;
const schemaFile = 'studies/study.schema.json';

test('plans and the schemas for editors are written, once', async () => {
  const root = await makeWorkspace({ 'studies/s/study.yaml': study, 'studies/platforms/box.yaml': 'rules: {}\n' });
  const first = await synced(root);
  expect(first.files).toEqual(['studies/s/study.lock', schemaFile, 'studies/platforms/platform.schema.json']);
  expect(first.outOfSyncMessage).toContain("Schemas for editors that don't fit the workers: studies/study.schema.json");
  const schema = editorSchema([...(await readWorkers(root)).values()]);
  expect(JSON.parse(await readFile(join(root, schemaFile), 'utf8'))).toEqual(structuredClone(schema));
  expect(await synced(root)).toEqual({ outOfSyncMessage: undefined, files: [] });
});

test('a formatted schema stays, another worker changes it, and a worker that cannot be read does not', async () => {
  const root = await makeWorkspace({ 'studies/s/study.yaml': study });
  await synced(root);
  const path = join(root, schemaFile);
  const formatted = JSON.stringify(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, formatted);
  expect((await synced(root)).files).toEqual([]);
  expect(await readFile(path, 'utf8')).toBe(formatted);

  const manifest = join(root, 'workers/vllm/worker.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, '{');
  expect((await synced(root)).files).toEqual([]);
  await writeFile(manifest, text);
  await rm(join(root, 'workers/transformers'), { recursive: true });
  expect((await synced(root)).files).toEqual([schemaFile]);
});

test('a workspace without studies gets nothing, and one without workers keeps its broken study', async () => {
  const root = await makeWorkspace();
  await rm(join(root, 'workers'), { recursive: true });
  expect((await synced(root)).files).toEqual([]);
  const broken = await makeWorkspace({ 'studies/s/study.yaml': study });
  await rm(join(broken, 'workers'), { recursive: true });
  expect((await synced(broken)).files).toEqual([schemaFile]);
});
