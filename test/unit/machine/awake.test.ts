import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepAwake } from '../../../plugins/nx-study/src/machine/awake.ts';
import { runs, startProgram, temporaryFolder, until } from './helpers.ts';

/** A folder with a program of that name, which notes its arguments and its process, then does what the script says. */
function withProgram(name: string, script: string) {
  const folder = temporaryFolder();
  const note = join(folder, 'note');
  writeFileSync(join(folder, name), `#!/bin/sh\necho "$$ $*" > ${note}.new && mv ${note}.new ${note}\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const said = () => readFileSync(note, 'utf8').trim();
  return { folder, note, env, said, pid: () => Number(said().split(' ')[0]) };
}

// As systemd-inhibit does: takes the lock, then runs the rest of its command line.
const INHIBIT = 'while [ "${1#--}" != "$1" ]; do shift; done; "$@"';

test('systemd keeps it awake until it is released', async () => {
  const { folder, env, said, pid } = withProgram('systemd-inhibit', INHIBIT);
  const awake = await keepAwake({ platform: 'linux', env, systemd: folder });
  expect(awake.by).toEqual({ value: 'systemd-inhibit', reason: null });
  expect(said()).toContain('--what=idle:sleep --mode=block --who=nx-study');
  expect(runs(pid())).toBe(true);
  awake.release();
  await until(() => !runs(pid()));
});

test.runIf(process.platform === 'linux')('it ends with us, also at kill -9', async () => {
  const { folder, env, pid } = withProgram('systemd-inhibit', INHIBIT);
  const { child } = await startProgram('awake', [folder], { ...process.env, ...env });
  const inhibitor = pid();
  onTestFinished(() => {
    if (runs(inhibitor)) process.kill(inhibitor, 'SIGKILL');
  });
  expect(runs(inhibitor)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !runs(inhibitor));
});

test('a refusal is a reason', async () => {
  const { folder, env } = withProgram('systemd-inhibit', 'echo "Failed to inhibit: Access denied" >&2; exit 1');
  const awake = await keepAwake({ platform: 'linux', env, systemd: folder });
  expect(awake.by).toEqual({ value: null, reason: 'systemd-inhibit: Failed to inhibit: Access denied' });
});

test.each([
  'Failed to connect to bus: No such file or directory',
  "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down",
  'Failed to inhibit: Unit dbus-org.freedesktop.login1.service not found.',
  'Failed to inhibit: Could not activate remote peer.',
])('systemd is installed, but does not run: %s', async (said) => {
  const { folder, env } = withProgram('systemd-inhibit', `cat <<'END' >&2; exit 1\n${said}\nEND`);
  const awake = await keepAwake({ platform: 'linux', env, systemd: folder });
  expect(awake.by.value).toBeNull();
  expect(awake.by.reason).toMatch(
    /^systemd is installed, but neither it nor its login manager runs here \(.+: .+[^.]\)$/,
  );
});

test.each([
  ['systemd does not run here', { systemd: '/nonexistent' }],
  ['systemd-inhibit is not on the PATH', { systemd: '/', env: { PATH: '/nonexistent' } }],
] as const)('%s', async (reason, options) => {
  const awake = await keepAwake({ platform: 'linux', ...options });
  expect(awake.by).toEqual({ value: null, reason });
  awake.release();
});

test('macOS: caffeinate watches this process', async () => {
  const { env, note, said, pid } = withProgram('caffeinate', 'exec sleep 300');
  const awake = await keepAwake({ platform: 'darwin', env });
  expect(awake.by).toEqual({ value: 'caffeinate', reason: null });
  await until(() => existsSync(note));
  expect(said()).toMatch(new RegExp(`-i -w ${process.pid}$`));
  awake.release();
  await until(() => !runs(pid()));
});
