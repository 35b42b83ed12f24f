import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { removeLeftovers } from '../../../plugins/nx-study/src/environment/leftovers.ts';
import { environmentNow, prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import { invocation } from '../../../plugins/nx-study/src/measure/worker/command.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { worker, writeProgram } from './helpers.ts';

const image = `ghcr.io/some/engine:1.2@sha256:${'0'.repeat(64)}`;

beforeEach(() => {
  vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder());
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', 'apptainer');
});
afterEach(() => void vi.unstubAllEnvs());

/** A program with the command line that Apptainer documents; it notes what it is asked. */
function apptainer(build = 'printf sif > "$3"'): string {
  const folder = temporaryFolder();
  writeProgram(
    join(folder, 'apptainer'),
    `echo "$*" >> '${folder}/asked'\ncase "$1" in --version) echo "apptainer version 1.4.5" ;; build) ${build} ;; esac`,
  );
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  return join(folder, 'asked');
}

const options = (more: object = { image }) => ({
  workspaceRoot: '/ws',
  worker: worker({ type: 'container', ...more }),
});

test('an image of a registry becomes one file, once', async () => {
  const asked = apptainer();
  expect(await environmentNow(options())).toBeNull();
  const [one] = await Promise.all([prepareEnvironment(options()), prepareEnvironment(options())]);
  const id = `sha256:${createHash('sha256').update('sif').digest('hex')}`;
  expect(one.versions).toEqual({
    image: id,
    image_digest: `sha256:${'0'.repeat(64)}`,
    apptainer: '1.4.5',
  });
  expect(readFileSync(one.container!.image, 'utf8')).toBe('sif');
  const builds = readFileSync(asked, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('build '));
  expect(builds).toHaveLength(1);
  // It takes a tag or a digest, not both.
  expect(builds[0]).toMatch(new RegExp(`^build --force \\S+ docker://ghcr.io/some/engine@sha256:${'0'.repeat(64)}$`));
  expect((await environmentNow(options()))?.versions).toEqual(one.versions);
});

test('an image that can not be fetched is an error with its last lines; the next run tries again', async () => {
  apptainer('printf half > "$3"; echo "FATAL: unauthorized" >&2; exit 255');
  await expect(prepareEnvironment(options())).rejects.toThrow(
    /code 255[^]*The registry refuses[^]*FATAL: unauthorized/,
  );
  apptainer();
  expect((await prepareEnvironment(options())).container!.isApart).toBe(false);
});

test('a file with steps needs an engine that builds', async () => {
  apptainer();
  const build = { file: 'Containerfile' };
  await expect(prepareEnvironment(options({ build }))).rejects.toMatchObject({
    type: 'unsupported',
    message: expect.stringMatching(/docker or podman, which build the image from Containerfile/),
  });
});

test('the command line has no network, home and folders of its own, and variables as they are', async () => {
  apptainer();
  const call = async (more: object, gpus: boolean) => {
    const environment = await prepareEnvironment(options({ image, ...more }));
    const named = options({ image, ...more }).worker;
    const tiny = { ...named, manifest: { ...named.manifest, env: { LIST: 'a,b=$HOME' } }, configSchema: {} };
    const allowance = { cpus: 2, memory_bytes: 4096 };
    const places = { run: '/ws/results/run' };
    const command = ['{python}', '{worker}/m.py'];
    return {
      environment,
      ...invocation({ workspaceRoot: '/ws', worker: tiny, command, environment, allowance, places, gpus }),
    };
  };
  const { environment, command, env, token } = await call({}, true);
  expect(command.slice(1, 4)).toEqual(['exec', '--containall', '--no-eval']);
  expect(command).toEqual(
    expect.arrayContaining([
      `--home=${environment.cacheDir}`,
      '--pwd=/ws/results/run',
      '--net',
      '--network=none',
      '--nv',
      '--bind=/ws:/ws:ro',
      '--bind=/ws/results/run:/ws/results/run:rw',
    ]),
  );
  expect(command.slice(-3)).toEqual([environment.container!.image, 'python3', '/ws/workers/tiny/m.py']);
  expect(env).toMatchObject({ APPTAINERENV_LIST: 'a,b=$HOME', APPTAINERENV_NX_STUDY_RUN: token, NX_STUDY_RUN: token });
  expect(env['APPTAINERENV_HOME']).toBeUndefined();

  const other = await call({ network: 'host' }, false);
  expect(other.command.join(' ')).not.toMatch(/--net|--nv/);
});

test('it leaves no containers behind, and is not asked for any', async () => {
  const asked = apptainer();
  const { container } = await prepareEnvironment(options());
  expect(await removeLeftovers(container!.engine)).toEqual([]);
  expect(readFileSync(asked, 'utf8')).not.toMatch(/^ps/m);
});
