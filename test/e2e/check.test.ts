import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Preview } from '../../plugins/nx-study/src/commands/plan/preview.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const simulated = join(import.meta.dirname, '../../studies/data/simulated');

const STUDY = `
worker: ideal-point
base: { votes: ../data/votes.csv, legislators: ../data/legislators.csv }
sweep: { draws: [100, 200] }
`;

test('votes that can not be read are told by plan, and fail before an environment is made; the graph reads none', async () => {
  const good = await readFile(join(simulated, 'votes.csv'), 'utf8');
  const workspace = await createWorkspace({
    workers: ['ideal-point', 'kits'],
    studies: { s: STUDY },
    files: {
      'studies/data/votes.csv': good.replace(/\n1002,[01]?,/, '\n1002,maybe,'),
      'studies/data/legislators.csv': await readFile(join(simulated, 'legislators.csv'), 'utf8'),
    },
  });
  const cache = join(workspace.home, 'cache');
  const env = { NX_STUDY_CACHE_DIR: cache };
  const told = "studies/data/votes.csv, line 3, column sim-001: 'maybe' is not 1, 0 or empty";

  expect(await workspace.nx(['show', 'projects'], { env })).toMatchObject({ exitCode: 0 });
  expect(existsSync(cache)).toBe(false);

  const plan = await workspace.command(['s:plan'], { env });
  expect(plan.exitCode).toBe(1);
  expect(plan.all).toContain(`fails (2 measurements): ${told}`);
  const { all: json } = await workspace.command(['s:plan', '--json'], { env });
  const preview = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as Preview;
  expect(preview.rows.map(({ next }) => next)).toEqual(['fail', 'fail']);
  expect(preview.input_notes[0]!.problems).toMatchObject([
    { path: 'votes', file: 'studies/data/votes.csv', line: 3, column: 'sim-001', value: 'maybe' },
  ]);

  const run = await workspace.measure([], { env });
  expect(run.exitCode).toBe(1);
  expect(workspace.failed('s').map(({ failure }) => failure)).toMatchObject(
    [0, 1].map(() => ({ type: 'unsupported', message: expect.stringContaining(told) })),
  );
  expect(existsSync(join(cache, 'environments'))).toBe(false);

  await workspace.write('studies/data/votes.csv', good);
  await workspace.edit('studies/s/study.yaml', 'base: {', 'base: { parties: [Democrat, R],');
  const renamed = await workspace.command(['s:plan'], { env });
  expect(renamed.all).toMatch(/parties: nobody is of the party 'Democrat'\. Did you mean 'D'\?.* D \(15\), R \(15\)/);
  await workspace.edit('studies/s/study.yaml', 'parties: [Democrat, R],', '');
  const fine = await workspace.command(['s:plan'], { env });
  expect(fine).toMatchObject({ exitCode: 0, all: expect.stringContaining('2 to measure') });

  const unchecked = await workspace.command(['s:plan'], { env: { ...env, PATH: '/nonexistent', HOME: cache } });
  expect(unchecked.all).toMatch(
    /2 to measure[^]*not checked \(2 measurements\): the input of ideal-point was not checked/,
  );
});
