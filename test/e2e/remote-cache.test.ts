import { chmod, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveRemoteCache } from '../helpers/remote-cache.ts';
import { cloneWorkspace, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

// The worker runs a program that only some machines have, as a worker in Python needs Python.
const PROGRAM = 'program-of-one-machine';
const files = {
  'workers/tool/worker.json': JSON.stringify({
    protocol: 1,
    kind: 'values',
    description: 'Runs a program that must be installed',
    commands: { measure: [PROGRAM, '{run}'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['worker.json'],
  }),
  'workers/tool/config.schema.json': JSON.stringify({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties: { value: { type: 'integer' } },
  }),
};
const study = 'worker: tool\nsweep: {value: [1, 2, 3]}\n';

async function create() {
  const workspace = await createWorkspace({ workers: [], studies: { tools: study, others: study }, files });
  const folder = join(workspace.home, 'bin');
  await cp(join(import.meta.dirname, '../fixtures/workers/shell/measure.sh'), join(folder, PROGRAM));
  await workspace.write(`../bin/${PROGRAM}`, `#!/bin/sh\n${await workspace.read(`../bin/${PROGRAM}`)}`);
  await chmod(join(folder, PROGRAM), 0o755);
  const remote = await serveRemoteCache(join(workspace.home, 'remote'));
  return { workspace, remote, withProgram: { PATH: `${folder}:${process.env['PATH']}` } };
}

const measure = ({ nx }: Workspace, env: Record<string, string>) => nx(['run-many', '-t', 'measure'], { env });
const outcomes = (workspace: Workspace) =>
  ['tools', 'others'].flatMap((name) => workspace.finished(name).map(({ label, outcome }) => `${label} ${outcome}`));
const times = (count: number, text: string) => Array.from({ length: count }, () => text);
const all = [1, 2, 3, 1, 2, 3].map((value) => `value-${value} measured`);

test('two clones with a remote cache between them measure nothing twice, and the second one needs no worker', async () => {
  const { workspace, remote, withProgram } = await create();
  const clone = await cloneWorkspace(workspace);
  const without = await measure(clone, {});
  expect(without.exitCode).toBe(1);
  expect(without.all).toContain(PROGRAM);
  expect(outcomes(clone)).toEqual([]);
  await rm(join(clone.root, 'results'), { recursive: true });

  expect(await measure(workspace, { ...remote.env, ...withProgram })).toMatchObject({ exitCode: 0 });
  expect(remote.requests().toSorted()).toEqual([...times(6, 'GET 404'), ...times(6, 'PUT 200')]);
  const restored = await measure(clone, remote.env);
  expect(restored).toMatchObject({ exitCode: 0 });
  expect(restored.all.match(/\[remote cache\]/g)).toHaveLength(6);
  expect(remote.requests()).toEqual(times(6, 'GET 200'));
  expect(outcomes(clone)).toEqual(all);
  expect(clone.finished('tools')).toEqual(workspace.finished('tools'));
  // What was restored is on disk, for the report.
  expect(await clone.nx(['run', 'tools:report'])).toMatchObject({
    exitCode: 0,
    all: expect.stringContaining('3 measured'),
  });
});

test('results that are copied suffice: they are adopted without the worker', async () => {
  const { workspace, remote, withProgram } = await create();
  expect(await measure(workspace, withProgram)).toMatchObject({ exitCode: 0 });
  const clone = await cloneWorkspace(workspace);
  await cp(join(workspace.root, 'results'), join(clone.root, 'results'), { recursive: true });
  expect(await measure(clone, remote.env)).toMatchObject({ exitCode: 0 });
  expect(outcomes(clone)).toEqual(all);
  // And others get them from there.
  expect(remote.requests().filter((request) => request === 'PUT 200')).toHaveLength(6);
});

test('a remote cache that is not there, or refuses the token, ends the run before anything is measured', async () => {
  const { workspace, remote, withProgram } = await create();
  const wrong = { ...remote.env, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'wrong' };
  const refused = await measure(workspace, { ...wrong, ...withProgram });
  expect(refused.exitCode).toBe(1);
  expect(refused.all).toContain('the token is wrong');
  expect(remote.requests()).toContain('GET 401');
  await remote.close();
  const unreachable = await measure(workspace, { ...remote.env, ...withProgram });
  expect(unreachable.exitCode).toBe(1);
  expect(unreachable.all).toContain(
    `error sending request for url (${remote.env['NX_SELF_HOSTED_REMOTE_CACHE_SERVER']}`,
  );
  expect(outcomes(workspace)).toEqual([]);
  expect(await measure(workspace, withProgram)).toMatchObject({ exitCode: 0 });
});
