import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orNull } from '../base/errno.ts';

export interface CgroupRoots {
  proc?: string;
  cgroup?: string;
}

/** A folder where a controller's files of this process's control group, or of one of its parents, may be. */
export interface CgroupFolder {
  version: 1 | 2;
  folder: string;
}

/** The control groups that bind this process in a controller, each followed by its parents; null on a system without any. */
export const cgroupFolders = (controller: Controller, roots: CgroupRoots = {}): CgroupFolder[] | null =>
  groupsOf('self', controller, roots)?.flatMap(({ version, mount, path }) =>
    withParents(mount, path).map((folder) => ({ version, folder })),
  ) ?? null;

/** The folders where a controller's files of the control group of a process itself may be; none for one that is gone. */
export const cgroupsOf = (pid: number | 'self', controller: Controller, roots: CgroupRoots = {}): CgroupFolder[] =>
  groupsOf(pid, controller, roots)?.map(({ version, mount, path }) => ({ version, folder: join(mount, path) })) ?? [];

type Controller = 'cpu' | 'memory';

interface Group {
  version: 1 | 2;
  mount: string;
  path: string;
}

function groupsOf(pid: number | 'self', controller: Controller, roots: CgroupRoots): Group[] | null {
  const { proc = '/proc', cgroup = '/sys/fs/cgroup' } = roots;
  const groups = orNull(() => readFileSync(join(proc, String(pid), 'cgroup'), 'utf8'));
  return groups?.split('\n').flatMap((line) => groupsIn(line, controller, cgroup)) ?? null;
}

// A line is `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers.
function groupsIn(line: string, controller: Controller, root: string): Group[] {
  const [hierarchy, controllers, ...rest] = line.split(':');
  const path = rest.join(':') || '/';
  const inMounts = (version: 1 | 2, mounts: string[]) =>
    mounts.map((mount) => ({ version, mount: join(root, mount), path }));
  if (hierarchy === '0' && controllers === '') return inMounts(2, ['', 'unified']);
  return controllers?.split(',').includes(controller) ? inMounts(1, [controllers, controller]) : [];
}

// In a container the path can be the host's and not exist here; the mount's own root is then the container's group.
function withParents(mount: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = join('/', path); ; at = dirname(at)) {
    folders.push(join(mount, at));
    if (at === '/') return folders;
  }
}
