import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLines } from '../../../../plugins/nx-study/src/record/lines.ts';
import { withSideFiles } from '../../../../workers/endpoint/src/side-files.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

const workload = (...counts: number[]) => ({
  order: 0,
  server_metrics: { source: 'x', readings: counts.map((count) => ({ at_s: count, values: { running: 1 } })) },
  gpu: null,
  requests: counts.map((count) => ({ start_s: 1.5, chunk_times_s: Array.from({ length: count }, (_, at) => at / 8) })),
});

test('requests with many times stand in a file, and are read as they were', async () => {
  const directory = temporaryFolder();
  const payload = { engine: { name: 'x' }, workloads: [workload(2, 3), workload(4, 0, 9)] } as never;
  const { files, ...written } = await withSideFiles(directory, payload, { times: 5, readings: 2 });
  expect(files).toEqual(['files/server-1.jsonl', 'files/requests-1.jsonl']);
  expect(written.payload).toMatchObject({
    workloads: [
      workload(2, 3),
      {
        server_metrics: { source: 'x', readings: { lines: files[0], count: 3 } },
        requests: { lines: files[1], count: 3 },
      },
    ],
  });
  for (const file of files) expect(readFileSync(join(directory, file), 'utf8').split('\n')).toHaveLength(4);
  const named = files.map((path) => ({ path, sha256: '0'.repeat(64) }));
  const result = { protocol: 1, kind: 'llm-inference', partial: false, files: named, ...written } as never;
  expect(await withLines(directory, result)).toMatchObject({ payload });
  expect(await withSideFiles(directory, payload)).toEqual({ payload, files: [] });
});

test('a number that is none is refused with its place', async () => {
  const unwatched = { server_metrics: null, gpu: null };
  const payload = { workloads: [{ ...unwatched, requests: [{ start_s: NaN, chunk_times_s: [1, 2] }] }] } as never;
  await expect(withSideFiles(temporaryFolder(), payload, { times: 1, readings: 1 })).rejects.toThrow('start_s');
});
