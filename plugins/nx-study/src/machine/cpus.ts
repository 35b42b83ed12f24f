import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { orNull } from './errno.ts';

/** A value, or why there is none. */
export type Known<T> = { value: T; reason: null } | { value: null; reason: string };

export interface CpuAllowance {
  /** Cores that may be kept busy without being throttled: the smaller of affinity and quota, at least 1. */
  allowed: number;
  /** Cores that this process may be scheduled on. */
  affinity: Known<number>;
  /** CPU time per time that control groups grant, in cores; may be fractional. */
  quota: Known<number>;
}

export interface CpuRoots {
  proc?: string;
  cgroup?: string;
  /** What the system reports, for when affinity is unknown. */
  available?: number;
}

/** The cores that this process and its children may use, from affinity and control-group quotas. */
export function cpuAllowance({ proc = '/proc', cgroup = '/sys/fs/cgroup', available }: CpuRoots = {}): CpuAllowance {
  const affinity = cpuAffinity(proc);
  const quota = cpuQuota(proc, cgroup);
  const cores = affinity.value ?? available ?? availableParallelism();
  // Rounded down: one thread more than the quota and the kernel stalls them all in every period.
  const allowed = Math.max(1, Math.min(cores, Math.floor(quota.value ?? cores)));
  return { allowed, affinity, quota };
}

/** Environment variables that keep numeric libraries from starting more threads than that. */
export function threadCaps(cpus: number): Record<string, string> {
  return Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(cpus)]));
}

const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'NUMEXPR_MAX_THREADS',
  'NUMBA_NUM_THREADS',
  'RAYON_NUM_THREADS',
  'POLARS_MAX_THREADS',
  'JULIA_NUM_THREADS',
];

function cpuAffinity(proc: string): Known<number> {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read(join(proc, 'self/status')) ?? '')?.[1];
  const count = list === undefined ? 0 : countCpus(list);
  if (count === 0) return absent(`${process.platform} reports no affinity`);
  return { value: count, reason: null };
}

/** How many CPUs a list such as `0-3,8,10-11` names. */
export function countCpus(list: string): number {
  let count = 0;
  for (const part of list.trim().split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first !== undefined) count += Number(last) - Number(first) + 1;
  }
  return count;
}

function cpuQuota(proc: string, root: string): Known<number> {
  const groups = read(join(proc, 'self/cgroup'));
  if (groups === null) return absent(`${process.platform} has no control groups`);
  const quotas = groups.split('\n').flatMap((line) => quotasOf(line, root));
  return quotas.length > 0 ? { value: Math.min(...quotas), reason: null } : absent('no control group sets a quota');
}

// A line is `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers.
function quotasOf(line: string, root: string): number[] {
  const [hierarchy, controllers, ...rest] = line.split(':');
  const path = rest.join(':') || '/';
  if (hierarchy === '0' && controllers === '')
    return ['', 'unified'].flatMap((mount) => alongParents(join(root, mount), path, quotaV2));
  if (!controllers?.split(',').includes('cpu')) return [];
  return [controllers, 'cpu'].flatMap((mount) => alongParents(join(root, mount), path, quotaV1));
}

// In a container the path can be the host's and not exist here; the mount's own root is then the container's group.
function alongParents(mount: string, path: string, quotaAt: (folder: string) => number | null): number[] {
  const quotas: number[] = [];
  for (let at = join('/', path); ; at = dirname(at)) {
    const quota = quotaAt(join(mount, at));
    if (quota !== null) quotas.push(quota);
    if (at === '/') return quotas;
  }
}

function quotaV2(folder: string): number | null {
  const [quota, period] = read(join(folder, 'cpu.max'))?.trim().split(/\s+/) ?? [];
  return ratio(Number(quota), Number(period ?? 100_000));
}

function quotaV1(folder: string): number | null {
  const quota = read(join(folder, 'cpu.cfs_quota_us'));
  const period = read(join(folder, 'cpu.cfs_period_us'));
  return quota === null || period === null ? null : ratio(Number(quota), Number(period));
}

const ratio = (quota: number, period: number): number | null => (quota > 0 && period > 0 ? quota / period : null);

const read = (path: string): string | null => orNull(() => readFileSync(path, 'utf8'));

const absent = (reason: string): { value: null; reason: string } => ({ value: null, reason });
