import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readAccepted } from '../../../plugins/nx-study/src/amendments/accepted.ts';
import { readTakes } from '../../../plugins/nx-study/src/amendments/takes.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { loadIn, makeWorkspace } from './workspace.ts';

async function withFifo(file: string): Promise<string> {
  const root = await makeWorkspace({ 'studies/s/study.yaml': 'worker: shapes\n' });
  await mkdir(dirname(join(root, file)), { recursive: true });
  await rm(join(root, file), { force: true });
  execFileSync('mkfifo', [join(root, file)]);
  return root;
}

test('a FIFO in the place of a file of a study is named, and not waited for', async () => {
  await expect(loadIn(await withFifo('studies/s/study.yaml'), 's')).rejects.toThrow(
    "the file can't be read: it is a FIFO",
  );
  await expect(readTakes(await withFifo('studies/s/takes.json'), 's')).rejects.toThrow('takes.json is a FIFO');
  await expect(readAccepted(await withFifo('studies/s/accepted.json'), 's')).rejects.toThrow('accepted.json is a FIFO');
  await expect(readAccepted(await withFifo('studies/s/accepted/a.json'), 's')).rejects.toThrow('a.json is a FIFO');
});

test('a FIFO in the place of a worker’s schema breaks that worker only', async () => {
  const [name] = [...(await readWorkers(await makeWorkspace())).keys()];
  const { broken } = await readWorkers(await withFifo(`workers/${name}/config.schema.json`));
  expect([...broken]).toEqual([[name, expect.stringContaining('config.schema.json is a FIFO')]]);
});

test('a link to such a file is followed', async () => {
  const root = await makeWorkspace({ 'studies/s/takes.json': '{ "a": 2 }' });
  const file = join(root, 'studies/s/takes.json');
  await rename(file, join(root, 'elsewhere.json'));
  await symlink(`../../elsewhere.json`, join(dirname(file), basename(file)));
  expect(await readTakes(root, 's')).toEqual({ a: 2 });
});
