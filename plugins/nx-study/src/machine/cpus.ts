import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cgroupFolders } from './cgroups.ts';
import type { CgroupRoots } from './cgroups.ts';
import { orNull } from '../base/errno.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';

export interface CpuAllowance {
  /** Cores that may be kept busy without being throttled: the smaller of affinity and quota, at least 1. */
  allowed: number;
  /** Cores that this process may be scheduled on. */
  affinity: Known<number>;
  /** CPU time per time that control groups grant, in cores; may be fractional. */
  quota: Known<number>;
}

export interface CpuRoots extends CgroupRoots {
  /** What the system reports, for when affinity is unknown. */
  available?: number;
}

/**
 * The cores that this process and its children may use: the smaller of affinity and control-group quota (CFS quota /
 * period), rounded down, at least 1.
 */
export function cpuAllowance({ available, ...roots }: CpuRoots = {}): CpuAllowance {
  const affinity = cpuAffinity(roots.proc ?? '/proc');
  const quota = cpuQuota(roots);
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
  // Of JAX.
  'PJRT_NPROC',
];

function cpuAffinity(proc: string): Known<number> {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read(join(proc, 'self/status')) ?? '')?.[1];
  const count = list === undefined ? 0 : countCpus(list);
  if (count === 0) return absent(`${process.platform} reports no affinity`);
  return known(count);
}

/** The numbers of the CPUs that a list such as `0-3,8,10-11` names. */
export function cpusIn(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    return first === undefined
      ? []
      : Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
  });
}

export const countCpus = (list: string): number => cpusIn(list).length;

function cpuQuota(roots: CgroupRoots): Known<number> {
  const folders = cgroupFolders('cpu', roots);
  if (folders === null) return absent(`${process.platform} has no control groups`);
  const quotas = folders
    .map(({ version, folder }) => (version === 2 ? quotaV2(folder) : quotaV1(folder)))
    .filter((quota) => quota !== null);
  return quotas.length > 0 ? known(Math.min(...quotas)) : absent('no control group sets a quota');
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
