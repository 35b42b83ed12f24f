import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import { makeMemoryGroup, systemOomKills } from '../../plugins/nx-study/src/machine/memory-group.ts';
import { kill, parentOf, processesOf } from '../helpers/processes.ts';
import { startPodman } from '../helpers/podman.ts';
import type { Podman } from '../helpers/podman.ts';
import { waitFor } from '../helpers/starts.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

let started: Podman | string;
beforeAll(() => {
  started = startPodman();
}, 120_000);
afterAll(() => {
  if (typeof started === 'object') started.stop();
});

const MANIFEST = {
  protocol: 1,
  kind: 'values',
  description: 'A shell script in an image of one program',
  commands: { measure: ['/bin/busybox', 'sh', '{worker}/measure.sh', '{run}'] },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};

const CONFIG = {
  type: 'object',
  additionalProperties: false,
  properties: { act: { type: 'string', default: 'none' }, port: { type: 'integer', default: 0 } },
};

const SCRIPT = `cd "$1" && /bin/busybox touch "$TMPDIR/scratch" || exit 1
setting() { /bin/busybox sed -n "s/.*\\"$1\\": \\"*\\([a-z0-9]*\\).*/\\1/p" request.json; }
case "$(setting act)" in
  fill) /bin/busybox sh -c 'text=a; while :; do text=$text$text; done' || exit 5 ;;
  connect) /bin/busybox wget -q -O answer http://127.0.0.1:$(setting port)/ || exit 3 ;;
  fail) while [ ! -e go ]; do /bin/busybox sleep 0.1; done; exit 3 ;;
  hold) while :; do /bin/busybox sleep 1; done ;;
esac
memory=$(/bin/busybox cat /etc/made-of)
printf '{"protocol":1,"kind":"values","payload":{"made_of_count":%s}}\\n' "$memory" > result.json.tmp
/bin/busybox mv result.json.tmp result.json
`;

const STEPS = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY made-of /etc/made-of\n';
const BUILD = { file: 'Containerfile', context: ['busybox', 'made-of'] };

/** A workspace with workers whose images are built from the same file, each with further keys of its environment. */
async function workspaceOf(
  context: TestContext,
  workers: Record<string, object>,
  studies: Record<string, string>,
): Promise<{ workspace: Workspace; podman: Podman }> {
  if (typeof started === 'string') return context.skip(started);
  const workspace = await createWorkspace({ workers: [], studies });
  for (const [name, more] of Object.entries(workers)) {
    const environment = { type: 'container', build: BUILD, ...more };
    const files = {
      'worker.json': JSON.stringify({ ...MANIFEST, environment }),
      'config.schema.json': JSON.stringify(CONFIG),
      'measure.sh': SCRIPT,
      'made-of': '1',
      Containerfile: STEPS,
    };
    for (const [file, text] of Object.entries(files)) await workspace.write(`workers/${name}/${file}`, text);
    copyFileSync(started.busybox, join(workspace.root, `workers/${name}/busybox`));
  }
  await commit(workspace);
  Object.assign(workspace.env, started.env, { NX_STUDY_CACHE_DIR: join(workspace.home, 'cache') });
  return { workspace, podman: started };
}

test('an image is built from the file of a worker, again where it was removed, and measures again where it changed', async (context) => {
  const study = (times: number) => `worker: tiny\nrepeat: {times: ${times}}\n`;
  const { workspace, podman } = await workspaceOf(context, { tiny: {} }, { boxed: study(1) });
  const builds = ({ all }: { all: string }) => all.split('building an image from Containerfile').length - 1;
  expect((await workspace.command(['boxed:plan'])).all).toContain('1 to measure');
  expect(podman.run('images', '--quiet', 'nx-study/tiny')).toBe('');

  const first = await workspace.measure();
  expect(first).toMatchObject({ exitCode: 0 });
  expect(builds(first)).toBe(1);
  const [record] = workspace.finished('boxed');
  const id = podman.run('images', '--quiet', '--no-trunc', 'nx-study/tiny');
  expect(record).toMatchObject({ environment_versions: { image: id, podman: expect.stringMatching(/^\d+\.\d+/) } });
  expect(record!.findings.map(({ code }) => code)).not.toContain('image-by-tag');
  expect(podman.run('ps', '--all', '--quiet')).toBe('');

  podman.run('rmi', '--force', id);
  await workspace.write('studies/boxed/study.yaml', study(2));
  const second = await workspace.measure();
  expect(second).toMatchObject({ exitCode: 0 });
  expect(builds(second)).toBe(1);
  expect(workspace.finished('boxed').map(({ started_at }) => started_at)).toContain(record!.started_at);

  await workspace.write('workers/tiny/made-of', '2');
  const third = await workspace.measure();
  expect(builds(third)).toBe(1);
  const made = workspace.finished('boxed').map(({ digest, environment_versions: { image } }) => ({ digest, image }));
  expect(new Set(made.map(({ digest }) => digest)).size).toBe(4);
  expect(new Set(made.map(({ image }) => image)).size).toBeGreaterThan(1);
});

test('a limit of memory holds, a worker reaches a server only where it declares a network, and a command that the image lacks is named', async (context) => {
  const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const connect = `{act: connect, port: ${port}}`;
  const { workspace, podman } = await workspaceOf(
    context,
    { alone: {}, online: { network: 'host' }, absent: {} },
    {
      alone: `worker: alone
execution: {memory_limit_bytes: 67108864, stop_after: {same_failure: null}}
experiments:
  - {label: fill, act: fill}
  - {label: connect, act: connect, port: ${port}}
`,
      online: `worker: online\nbase: ${connect}\n`,
      absent: 'worker: absent\n',
    },
  );
  await workspace.edit('workers/absent/worker.json', '/bin/busybox', '/bin/absent');
  await commit(workspace);
  expect((await workspace.measure(['--nxBail=false'])).exitCode).toBe(1);
  const failures = workspace.failed('alone').map(({ label, failure }) => ({ label, ...failure }));
  expect(failures).toHaveLength(2);
  expect(failures).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        label: 'fill',
        type: 'oom',
        exit_code: 5,
        message: expect.stringMatching(
          /killed by the kernel for lack of memory, in a container with a limit of 0\.06 GiB($|; or another process of this machine was, for podman does not tell which)/,
        ),
      }),
      expect.objectContaining({ label: 'connect', type: 'crash', exit_code: 3 }),
    ]),
  );
  expect(workspace.finished('online')).toHaveLength(1);
  // With a limit of memory or without, and with a first process of podman's own or without.
  expect(workspace.failed('absent')[0]!.failure).toMatchObject({
    type: 'environment',
    log_tail: expect.stringMatching(/\/bin\/absent|catatonit.*failed to exec pid1/),
  });
  expect(podman.run('ps', '--all', '--quiet')).toBe('');
});

test('a kill by the kernel beside a container is no lack of memory in it', async (context) => {
  const { workspace } = await workspaceOf(
    context,
    { tiny: {} },
    { beside: 'worker: tiny\nbase: {act: fail}\nexecution: {memory_limit_bytes: 67108864}\n' },
  );
  const running = workspace.startNx(['run', 'beside:measure']);
  const results = join(workspace.root, 'results');
  const isTelemetry = (file: string) => file.endsWith('.partial/telemetry.jsonl');
  const telemetry = await waitFor('the first sample', () => {
    const found = existsSync(results) && readdirSync(results, { recursive: true, encoding: 'utf8' }).find(isTelemetry);
    return found && join(results, found);
  });
  // Whoever writes a sample each second looks at the container four times as often.
  const samples = async (more: number) => {
    const count = () => readFileSync(telemetry, 'utf8').split('\n').length;
    const before = count();
    await waitFor(`${more} samples`, () => count() >= before + more);
  };
  await starting(workspace, '/bin/busybox sh ');
  const before = systemOomKills();
  await killBeside();
  expect(systemOomKills()).toBeGreaterThan(before);
  // It asks podman for the container every two seconds until it has found it.
  await samples(5);
  writeFileSync(join(telemetry, '../go'), '');
  expect((await running).exitCode).toBe(1);
  expect(workspace.failed('beside')[0]!.failure).toMatchObject({ type: 'crash', exit_code: 3 });
});

/** Waits for a process of a workspace. */
const starting = ({ home }: Workspace, program: string) =>
  waitFor(program, () => processesOf(home).find(({ command }) => command.startsWith(program)));

/** Has the kernel kill a process of this machine at the limit of its own group. */
async function killBeside(): Promise<void> {
  const eat = 'process.stdin.once("data", () => { for (const all = []; ; ) all.push(Buffer.alloc(1 << 20, 1)); });';
  const eater = spawn(process.execPath, ['-e', eat], { stdio: ['pipe', 'ignore', 'ignore'] });
  const group = makeMemoryGroup(`nx-study-test-${eater.pid}`, 64 * 2 ** 20).value!;
  group.add(eater.pid!);
  eater.stdin.write('go');
  await once(eater, 'exit');
  group.remove();
}

test('a container of a run that was killed is gone before the next measurement', async (context) => {
  const { workspace, podman } = await workspaceOf(
    context,
    { tiny: {} },
    { held: 'worker: tiny\nbase: {act: hold}\n', boxed: 'worker: tiny\n' },
  );
  const running = workspace.startNx(['run', 'held:measure']);
  await starting(workspace, '/bin/busybox sh ');
  const client = await starting(workspace, '/usr/bin/podman run ');
  kill(parentOf(client.pid), 'SIGKILL');
  expect((await running).exitCode).toBe(1);
  expect(podman.run('ps', '--all', '--quiet')).not.toBe('');

  const next = await workspace.measure(['-p', 'boxed']);
  expect(next).toMatchObject({ exitCode: 0 });
  expect(next.all).toMatch(/removed the container [0-9a-f]{64} of a run that was killed/);
  expect(podman.run('ps', '--all', '--quiet')).toBe('');
});
