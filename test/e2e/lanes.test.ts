import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorkspace, openCopy } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const study = `worker: scripted
sweep: {value: [1, 2, 3]}
repeat: {times: 2}
execution: {lanes: 2, gap: {min_s: 0}}
`;

const lane = (number: number) => ['-p', `tag:letters:lane-${number}`];
const ids = ({ finished }: Workspace) =>
  finished('letters')
    .map(({ id }) => id)
    .toSorted();

test('another machine measures a lane from a copy, and its results are taken in once they are checked', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: study } });
  const plan = await workspace.command(['letters:plan']);
  expect(plan.all).toContain(
    'lanes: 2, with 3 measurements each; each experiment once on each; each two experiments together on 2 of them',
  );
  expect((await workspace.measure(lane(1))).started).toEqual(['value-1', 'value-2', 'value-3']);

  const exported = await workspace.nx(['run', 'letters:export', '--to', '../copy', '--lane', '2']);
  expect(exported.all).toMatch(/copy: \d+ files, 3 measurements of lane 2$/m);
  expect(exported.all).toContain('npx nx run-many -t measure -p tag:letters:lane-2');
  const again = await workspace.nx(['run', 'letters:export', '--to', '../copy', '--lane', '2']);
  expect(again).toMatchObject({ exitCode: 1, all: expect.stringContaining('copy exists already') as string });

  const copy = await openCopy(workspace, 'copy');
  expect((await copy.measure(lane(2))).started).toEqual(['value-1-r2', 'value-2-r2', 'value-3-r2']);
  const [altered, ...good] = ids(copy);
  const { digest } = copy.finished('letters').find(({ id }) => id === altered)!;
  await cp(join(copy.root, 'results'), join(workspace.home, 'altered'), { recursive: true });

  const take = (from: string) => workspace.nx(['run', 'letters:import', '--from', from]);
  await alter(join(workspace.home, 'altered/letters', altered!, digest.slice(0, 12), 'result.json'));
  const refused = await take('../altered');
  expect(refused.exitCode).toBe(1);
  expect(refused.all).toMatch(/^Taken in, 2 measurements, 2 of /m);
  expect(refused.all).toMatch(new RegExp(`Refused, 1 measurement:\\n  ${altered!}: result\\.json`));
  expect(ids(workspace)).not.toContain(altered);
  expect(ids(workspace)).toEqual(expect.arrayContaining(good));

  const taken = await take('../copy');
  expect(taken.exitCode).toBe(0);
  expect(taken.all).toMatch(/^Taken in, 1 measurement, 1 of /m);
  expect(taken.all).toContain('Here already, 2 measurements');
  // All is there, so nothing is measured.
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  expect((await workspace.command(['letters:report'])).all).toContain('6 measured');
});

async function alter(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
  );
}
