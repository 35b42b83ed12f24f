import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { findingsOf } from '../../../plugins/nx-study/src/environment/container.ts';
import { computesOnGpu } from '../../../plugins/nx-study/src/environment/in-container.ts';
import { containerEnd, runningContainer } from '../../../plugins/nx-study/src/environment/leftovers.ts';
import { prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import { EnvironmentError } from '../../../plugins/nx-study/src/environment/texts.ts';
import { nvidiaAccelerators } from '../../../plugins/nx-study/src/machine/host.ts';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { temporaryFolderOf } from '../../../plugins/nx-study/src/machine/temporary.ts';
import { invocation } from '../../../plugins/nx-study/src/measure/worker/command.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { worker, writeProgram } from './helpers.ts';

const image = 'nvcr.io/some/engine:1.2';

beforeEach(() => {
  vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder());
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', '');
});
afterEach(() => void vi.unstubAllEnvs());

/** An engine that answers as docker does; it notes what it is asked. */
function engine(name: string, inspect: string): string {
  const folder = temporaryFolder();
  const asked = join(folder, 'asked');
  writeProgram(
    join(folder, name),
    `echo "$*" >> '${asked}'\ncase "$1" in --version) echo "${name} version 27.1.2, build abc" ;; image) ${inspect} ;; esac`,
  );
  // The guard beside each program needs a shell's usual tools.
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  return asked;
}

const FOUND = 'echo sha256:0123';
const ABSENT = `echo "Error response from daemon: No such image: ${image}" >&2; exit 1`;

const prepare = (more: object = {}) =>
  prepareEnvironment({ workspaceRoot: temporaryFolder(), worker: worker({ type: 'container', image, ...more }) });
const errorOf = async (preparing: Promise<unknown>): Promise<EnvironmentError> =>
  preparing.then(
    () => expect.fail('it was prepared'),
    (error: EnvironmentError) => error,
  );

test('all that is missing is said at once, and is unsupported', async () => {
  vi.stubEnv('PATH', temporaryFolder());
  const error = await errorOf(prepare({ requires: { accelerator: 'nvidia' } }));
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.type).toBe('unsupported');
  const hasGpu = nvidiaAccelerators().length > 0;
  const lines = error.message.split('\n').filter((line) => line.startsWith('  - '));
  expect(lines.map((line) => line.slice(4).split(':')[0])).toEqual([
    '`docker`, `podman` or `apptainer`',
    ...(hasGpu ? [] : ['an NVIDIA GPU']),
    'the image nvcr.io/some/engine',
  ]);
  expect(error.message).toContain(`docker pull ${image}`);
  expect(error.message).toContain('NX_STUDY_RETRY=1');
});

test('an image that is not there is not pulled', async () => {
  const asked = engine('docker', ABSENT);
  const error = await errorOf(prepare());
  expect(error.message).toContain(`  - the image ${image}, which may take tens of gigabytes: docker pull ${image}`);
  expect(readFileSync(asked, 'utf8')).toBe(`image inspect --format {{.Id}} ${image}\n`);
});

test('a daemon that is not there is told apart', async () => {
  engine('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
  expect((await errorOf(prepare())).message).toContain('says: Cannot connect to the Docker daemon');
});

const invoked = async (more: object = {}, gpus = false) => {
  const environment = await prepare(more);
  const tiny = { ...worker({ type: 'container', image, ...more }), configSchema: {} };
  const places = { run: '/work space/results/run' };
  const model = '/models/tiny';
  return {
    environment,
    ...invocation({
      workspaceRoot: '/work space',
      worker: tiny,
      command: ['{python}', '{worker}/m.py', '{run}'],
      environment,
      allowance: { cpus: 3, memory_bytes: 4096 },
      places,
      assets: [model],
      gpus,
    }),
  };
};

test('the command runs inside, sees only what it needs, and has no network', async () => {
  engine('docker', FOUND);
  const { environment, command, env, token } = await invoked();
  expect(environment.versions).toEqual({ image: 'sha256:0123', docker: '27.1.2' });
  expect(command[1]).toBe('run');
  expect(command).toEqual(
    expect.arrayContaining([
      `--name=nx-study-${token}`,
      `--label=nx-study.supervisor=${process.pid} ${(await processIdentity())!.startTime}`,
      `--label=nx-study.boot=${(await processIdentity())!.bootId}`,
      `--label=nx-study.host=${hostname()}`,
      '--network=none',
      '--pull=never',
      '--cpus=3',
      '--memory=4096',
      '--memory-swap=4096',
      '--workdir=/work space/results/run',
      '--cap-drop=all',
      '--security-opt=no-new-privileges',
    ]),
  );
  const volumes = command.filter((_, index) => command[index - 1] === '--volume');
  const assets = join(process.env['NX_STUDY_CACHE_DIR']!, 'assets');
  expect(volumes).toEqual([
    '/work space:/work space:ro',
    '/models/tiny:/models/tiny:ro',
    `${assets}:${assets}:rw`,
    `${environment.cacheDir}:${environment.cacheDir}:rw`,
    `${temporaryFolderOf(token)}:${temporaryFolderOf(token)}:rw`,
    '/work space/results/run:/work space/results/run:rw',
  ]);
  expect(command.slice(command.indexOf('--entrypoint'))).toEqual([
    '--entrypoint',
    'python3',
    'sha256:0123',
    '/work space/workers/tiny/m.py',
    '/work space/results/run',
  ]);
  expect(command).toContain(`HOME=${environment.cacheDir}`);
  expect(command).toContain(`TMPDIR=${temporaryFolderOf(token)}`);
  expect(command.join(' ')).not.toContain('PATH=');
  expect(env['PATH']).toBe(process.env['PATH']);
  expect(command).not.toContain('--gpus=all');
});

test('an image named by a tag is a finding, one named by its digest is none', async () => {
  engine('docker', FOUND);
  expect(findingsOf(await prepare())).toMatchObject([
    { code: 'image-by-tag', message: expect.stringMatching(/engine:1\.2, which may stand for another.*sha256:0123/) },
  ]);
  const digest = `sha256:${'0'.repeat(64)}`;
  const pinned = await prepare({ image: `nvcr.io/some/engine@${digest}` });
  expect(findingsOf(pinned)).toEqual([]);
  expect(pinned.versions).toMatchObject({ image: 'sha256:0123', image_digest: digest });
});

test('podman is taken where there is no docker', async () => {
  // It says an id without the name of the hash, and among warnings.
  engine('podman', 'echo 0123; echo "level=warning msg=\\"no subuid ranges\\"" >&2');
  const { command, environment } = await invoked();
  expect(command[0]).toMatch(/\/podman$/);
  expect(environment.versions['image']).toBe('sha256:0123');
  // Its own user is the one inside; of root it refuses the option.
  expect(command).toContain(process.getuid!() === 0 ? '--user=0:0' : '--userns=keep-id');
});

test('a GPU is passed on to what computes on one, each engine in its way', async () => {
  engine('docker', FOUND);
  expect((await invoked({}, true)).command).toContain('--gpus=all');
  engine('podman', FOUND);
  expect((await invoked({}, true)).command).toContain('--device=nvidia.com/gpu=all');
  expect((await invoked({}, false)).command.join(' ')).not.toMatch(/gpu/);
});

test('which measurement that is says its setting', () => {
  const computing = (configuration: JsonObject, hasGpu: boolean) => computesOnGpu(configuration, hasGpu);
  expect([computing({ device: 'cuda' }, false), computing({ device: 'auto' }, true)]).toEqual([true, true]);
  for (const device of ['cpu', null, 'cuda:1']) expect(computing({ device }, true)).toBe(false);
  expect([computing({ device: 'auto' }, false), computing({}, true)]).toEqual([false, false]);
});

test('a limit of memory that the engine leaves out is a finding', async () => {
  engine('docker', FOUND);
  const environment = await prepare({ image: `nvcr.io/some/engine@sha256:${'0'.repeat(64)}` });
  const unlimited = { ...environment, container: { ...environment.container!, limitsMemory: false } };
  expect(findingsOf(environment, 4096)).toEqual([]);
  expect(findingsOf(unlimited, null)).toEqual([]);
  expect(findingsOf(unlimited, 4096)).toMatchObject([{ code: 'memory-limit-ignored' }]);
});

test('a worker that declares it gets the network of the machine', async () => {
  engine('docker', FOUND);
  const { command } = await invoked({ network: 'host' });
  expect(command).toContain('--network=host');
  expect(command).not.toContain('--network=none');
});

test('NX_STUDY_CONTAINER_ENGINE chooses among those that are there', async () => {
  engine('docker', FOUND);
  const docker = process.env['PATH']!.split(':')[0]!;
  engine('podman', FOUND);
  vi.stubEnv('PATH', `${docker}:${process.env['PATH']}`);
  expect((await invoked()).command[0]).toMatch(/\/docker$/);
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', 'podman');
  expect((await invoked()).environment.versions).toEqual({ image: 'sha256:0123', podman: '27.1.2' });
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', 'apptainer');
  expect((await errorOf(prepare())).message).toMatch(/- apptainer, which NX_STUDY_CONTAINER_ENGINE names: it is not/);
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', 'rkt');
  expect((await errorOf(prepare())).message).toMatch(
    /no engine for containers: "rkt". Known are `docker`, `podman` and/,
  );
});

test('the engine is asked how a container ended', async () => {
  const folder = temporaryFolder();
  const asks = (answer: string) => {
    writeProgram(join(folder, 'docker'), answer);
    return containerEnd({ engine: join(folder, 'docker') }, 'token');
  };
  expect(await asks('echo "true exited"; echo "level=warning" >&2')).toEqual({ isStarted: true, isOutOfMemory: true });
  expect(await asks('echo "false created"')).toEqual({ isStarted: false, isOutOfMemory: false });
  expect(await asks('echo "no such container" >&2; exit 1')).toEqual({ isStarted: null, isOutOfMemory: false });
});

test('a container that runs is known by its id and its first process', async () => {
  const folder = temporaryFolder();
  const asks = async (answer: string) => {
    writeProgram(
      join(folder, 'docker'),
      `[ "$*" = 'inspect --format {{.Id}} {{.State.Pid}} nx-study-token' ] || exit 9; ${answer}`,
    );
    return runningContainer({ engine: join(folder, 'docker') }, 'token');
  };
  const id = 'c0ffee00'.repeat(8);
  expect(await asks(`echo '${id} 4711'`)).toEqual({ id, pid: 4711 });
  expect(await asks(`echo '${id} 0'`)).toBeNull();
  expect(await asks('echo "no such container" >&2; exit 1')).toBeNull();
});
