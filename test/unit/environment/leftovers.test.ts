import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { removeLeftovers, supervisorLabels } from '../../../plugins/nx-study/src/environment/leftovers.ts';
import { findProgram } from '../../../plugins/nx-study/src/machine/program.ts';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { installDocker } from '../../helpers/docker.ts';
import { runs, temporaryFolder, until } from '../machine/helpers.ts';

afterEach(() => void vi.unstubAllEnvs());

/** A process that can be supervised, or supervise. */
async function sleeper() {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  return { pid: child.pid!, end: () => child.kill('SIGKILL') };
}

test('what killed supervisors left is removed; what lives, or is of another boot or host, stays', async () => {
  const { bin, containers } = installDocker(temporaryFolder());
  const own = await supervisorLabels();
  const living = await sleeper();
  const { startTime } = (await processIdentity(living.pid))!;
  const supervised = (text: string, change: Record<string, string> = {}) => ({
    ...own,
    'nx-study.supervisor': text,
    ...change,
  });
  const labels = {
    killed: supervised('999999999 1234'),
    'number-taken-again': supervised(`${living.pid} 1`),
    own,
    living: supervised(`${living.pid} ${startTime}`),
    'other-boot': supervised('999999999 1234', { 'nx-study.boot': 'another' }),
    'other-host': supervised('999999999 1234', { 'nx-study.host': `not-${hostname()}` }),
    foreign: {},
  };
  const inside = new Map<string, Awaited<ReturnType<typeof sleeper>>>();
  for (const [index, [name, its]] of Object.entries(labels).entries()) {
    const process = await sleeper();
    inside.set(name, process);
    const id = index.toString(16).padStart(64, 'a');
    writeFileSync(join(containers, name), JSON.stringify({ id, name, pid: process.pid, labels: its }));
  }
  try {
    expect(await removeLeftovers(join(bin, 'docker'))).toHaveLength(3);
    expect(readdirSync(containers).toSorted()).toEqual(['foreign', 'living', 'other-boot', 'other-host']);
    await until(() => ['killed', 'number-taken-again', 'own'].every((name) => !runs(inside.get(name)!.pid)));
    expect(runs(inside.get('living')!.pid)).toBe(true);
  } finally {
    for (const { end } of [living, ...inside.values()]) end();
  }
});

test('where nothing is left, nothing but the list is asked for', async () => {
  const { bin, asked } = installDocker(temporaryFolder());
  expect(await removeLeftovers(join(bin, 'docker'))).toEqual([]);
  expect(asked()).toEqual([expect.stringMatching(/^ps --all /)]);
});

const docker = findProgram('docker');

test.skipIf(docker === null)('a daemon that does not answer is told: nothing is known of its containers', async () => {
  const socket = join(temporaryFolder(), 'docker.sock');
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
  expect(existsSync(socket)).toBe(false);
  await expect(removeLeftovers(docker!)).rejects.toThrow(/^`docker ps` failed, .* It said:\n.*docker\.sock/is);
});
