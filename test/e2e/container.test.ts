import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installDocker } from '../helpers/docker.ts';
import { isRunning, kill, parentOf, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';

test('a container that outlives a killed executor is removed before the next measurement, in a container or not', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: {
      boxed: 'worker: boxed\nexperiments:\n  - {label: a}\n',
      plain: 'worker: scripted\nexperiments:\n  - {label: b}\n',
    },
  });
  const scripted = JSON.parse(await workspace.read('workers/scripted/worker.json')) as { commands: object };
  const manifest = { ...scripted, environment: { type: 'container', image: 'tiny:1' } };
  await workspace.write('workers/boxed/worker.json', JSON.stringify(manifest));
  for (const file of ['measure.mjs', 'derive.mjs', 'script.mjs', 'config.schema.json'])
    await workspace.write(`workers/boxed/${file}`, await workspace.read(`workers/scripted/${file}`));
  await commit(workspace);
  const { bin, containers, asked } = installDocker(`${workspace.home}/docker`);
  const env = { PATH: `${bin}:${process.env['PATH']}`, NX_STUDY_CACHE_DIR: `${workspace.home}/cache` };

  workspace.script({ a: { hold: 'measuring', on_sigterm: 'ignore' } });
  const running = workspace.startNx(['run', 'boxed:measure'], { env });
  const { pid } = await waitFor('the container', () => workspace.starts()[0]);
  // The container's parent is the client, whose parent is the executor.
  kill(parentOf(parentOf(pid)), 'SIGKILL');
  expect((await running).exitCode).toBe(1);
  await waitFor('the end of all but the container', () => processesOf(workspace.home).length === 1);
  expect(isRunning(pid)).toBe(true);

  const next = await workspace.measure(['-p', 'plain*'], { env });
  expect(next).toMatchObject({ exitCode: 0, started: ['b'] });
  expect(next.all).toMatch(/removed the container [0-9a-f]{64} of a run that was killed/);
  await waitFor('the end of the container', () => !isRunning(pid));

  workspace.script({});
  const again = await workspace.measure([], { env });
  expect(again).toMatchObject({ exitCode: 0, started: ['a'] });
  expect(workspace.finished('boxed')[0]!.findings).toMatchObject([{ code: 'image-by-tag' }]);
  expect(asked().filter((line) => line.startsWith('ps '))).toHaveLength(3);
  expect(readdirSync(containers)).toEqual([]);
});
