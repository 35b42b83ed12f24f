import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { writeBundle } from '../../../../plugins/nx-study/src/commands/report/bundle.ts';
import { writeTables } from '../../../../plugins/nx-study/src/tables/write.ts';
import { planOf, STUDY, workspaceOf } from './workspace.ts';

async function bundled() {
  const { write, results, workspaceRoot } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id: 'normal-1a2b3c4d' });
  await write({ id: 'lognormal-1a2b3c4d', failure: { type: 'oom' } });
  await mkdir(join(workspaceRoot, 'studies', STUDY), { recursive: true });
  await writeFile(join(workspaceRoot, 'studies', STUDY, 'study.yaml'), 'worker: ideal-point\n');
  const found = await results();
  const folder = await writeTables(workspaceRoot, found);
  const bundle = async () =>
    readFile(join(workspaceRoot, await writeBundle(workspaceRoot, folder, { results: found })));
  return { bundle };
}

test('report, study and records are in one file, each described with its size and hash', async () => {
  const { bundle } = await bundled();
  const files = unzipSync(await bundle());
  const { '@graph': graph } = JSON.parse(Buffer.from(files['ro-crate-metadata.json']!).toString());
  const names = Object.keys(files).filter((name) => name !== 'ro-crate-metadata.json');
  expect(names).toEqual(expect.arrayContaining(['report/measurements.csv', 'report/schema.json', 'study/study.yaml']));
  expect(names.filter((name) => name.endsWith('/record.json'))).toHaveLength(2);
  const [, root] = graph;
  expect(root.hasPart.map((one: { '@id': string }) => one['@id'])).toEqual(names);
  for (const name of names) {
    const entry = graph.find((one: { '@id': string }) => one['@id'] === name);
    expect(entry).toMatchObject({
      '@type': 'File',
      contentSize: String(files[name]!.length),
      sha256: createHash('sha256').update(files[name]!).digest('hex'),
    });
  }
});

test('the same results give the same bundle, which does not hold itself', async () => {
  const { bundle } = await bundled();
  const first = await bundle();
  expect((await bundle()).equals(first)).toBe(true);
  expect(Object.keys(unzipSync(first)).filter((name) => name.endsWith('.zip'))).toEqual([]);
});

test('what stays on the machine that measured is left out', async () => {
  const { write, results, workspaceRoot } = await workspaceOf(planOf({ normal: {} }));
  const directory = await write({ id: 'normal-1a2b3c4d' });
  await writeFile(join(directory, 'draws.nc'), 'many');
  await writeFile(join(directory, 'samples.txt'), 'few');
  const found = await results();
  const { record } = found.rows[0]!.stored!;
  const file = (path: string, local: boolean) => ({ path, sha256: '', bytes: 4, local });
  record.files.push(file('draws.nc', true), file('samples.txt', false));
  const folder = await writeTables(workspaceRoot, found);
  const names = Object.keys(
    unzipSync(await readFile(join(workspaceRoot, await writeBundle(workspaceRoot, folder, { results: found })))),
  );
  expect(names.filter((name) => name.startsWith('results/')).map((name) => name.split('/').at(-1))).toEqual(
    expect.arrayContaining(['record.json', 'result.json', 'samples.txt']),
  );
  expect(names.join(' ')).not.toContain('draws.nc');
});

test('folders of the report are left out, but for files that belong to it', async () => {
  const { results, workspaceRoot } = await workspaceOf(planOf({ normal: {} }));
  const found = await results();
  const folder = await writeTables(workspaceRoot, found);
  await mkdir(join(workspaceRoot, folder, 'llm-d'));
  for (const name of ['new.yaml', 'old.yaml'])
    await writeFile(join(workspaceRoot, folder, 'llm-d', name), 'version: 1');
  const file = await writeBundle(workspaceRoot, folder, { results: found, more: ['llm-d/new.yaml'] });
  const names = Object.keys(unzipSync(await readFile(join(workspaceRoot, file))));
  expect(names.filter((name) => name.includes('llm-d'))).toEqual(['report/llm-d/new.yaml']);
});
