import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { knownEnd } from '../../../../plugins/nx-study/src/measure/one/ended-elsewhere.ts';
import { finishedDirectory } from '../../../../plugins/nx-study/src/record/paths.ts';
import { readRecord } from '../../../../plugins/nx-study/src/record/read.ts';
import { studyOf } from '../../record/workspace.ts';

test('a run whose result another process has recorded is no failed attempt as well', async () => {
  const study = await studyOf([1]);
  const { task } = study.of(1);
  await study.measured(1);
  const directory = finishedDirectory({ workspaceRoot: study.root, ...task }, task.digest);
  const started = (await readRecord(directory))!;
  const path = join(dirname(directory), 'again.partial');
  await mkdir(path);
  const ended = { batch: { workspaceRoot: study.root }, task, started, runDirectory: { path } };
  expect(await knownEnd(ended)).toMatchObject({ success: true, failure: null, directory });
  expect(existsSync(path)).toBe(false);
  // The result of another run is not this one's.
  expect(await knownEnd({ ...ended, started: { ...started, started_at: '2026-01-01T00:00:00.000Z' } })).toBeNull();
});
