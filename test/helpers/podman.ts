import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage } from './apt.ts';

/** A podman with images and containers of its own. */
export interface Podman {
  /** What makes nx use it, and nothing else. */
  env: Record<string, string>;
  /** The output of a command of podman. */
  run(...args: string[]): string;
  /** A program without libraries, which an image can consist of. */
  busybox: string;
  stop(): void;
}

/**
 * Readies podman with a store in a temporary folder. Installs the packages where that may be. Returns a text with the reason
 * where it can't run.
 */
export function startPodman(): Podman | string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'podman is tested as root on Linux only';
  for (const [name, program] of Object.entries(PACKAGES)) if (!existsSync(program)) installPackage(name);
  const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name]!));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const folder = mkdtempSync(join(tmpdir(), 'podman-'));
  for (const [file, text] of Object.entries(configuration(folder))) writeFileSync(join(folder, file), text);
  const env = {
    NX_STUDY_CONTAINER_ENGINE: 'podman',
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
  const run = (...args: string[]) =>
    execFileSync('podman', args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' }).trim();
  const podman: Podman = {
    env,
    run,
    busybox: PACKAGES['busybox-static']!,
    stop() {
      for (const args of [
        ['rm', '--all'],
        ['rmi', '--all'],
      ])
        tried(() => run(...args, '--force'));
      tried(() => execFileSync('umount', [join(folder, 'graph/overlay')], { stdio: 'ignore' }));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const reason = firstRun(podman, folder);
  if (reason === null) return podman;
  podman.stop();
  return `podman starts no container here: ${reason}`;
}

const PACKAGES: Record<string, string> = {
  podman: '/usr/bin/podman',
  runc: '/usr/sbin/runc',
  'busybox-static': '/bin/busybox',
};

// In a container, or without systemd, the usual limits, networks and control groups can't be had.
const configuration = (folder: string) => ({
  'containers.conf': `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "host"
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`,
  'storage.conf': `[storage]
driver = "overlay"
runroot = "${folder}/run"
graphroot = "${folder}/graph"
`,
});

/** Why a container with a limit of memory does not run; null where it does. */
function firstRun({ run, busybox }: Podman, folder: string): string | null {
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Containerfile'), 'FROM scratch\nCOPY busybox /bin/busybox\n');
  execFileSync('cp', [busybox, join(context, 'busybox')]);
  try {
    const image = run('build', '--quiet', context);
    run('run', '--rm', '--network=none', '--memory=64m', image, '/bin/busybox', 'true');
    return null;
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error).trim();
  }
}

function tried(act: () => unknown): void {
  try {
    act();
  } catch {
    // Nothing of it is left, or none was made.
  }
}
