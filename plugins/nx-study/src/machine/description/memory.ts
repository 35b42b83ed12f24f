import { join } from 'node:path';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { memoryLimit } from '../memory.ts';
import { textAt } from './source.ts';
import type { MachineSource } from './source.ts';

export type Memory = {
  installed_bytes: Known<number>;
  /** The least that control groups grant. */
  limit_bytes: Known<number>;
  /** How much may be swapped out; 0 where swap is off. */
  swap_bytes: Known<number>;
};

export function describeMemory(source: MachineSource, sysctl: ReadonlyMap<string, string>): Memory {
  return source.platform === 'darwin' ? macMemory(sysctl) : linuxMemory(source);
}

function linuxMemory(source: MachineSource): Memory {
  const meminfo = textAt(source, 'proc/meminfo') ?? '';
  const field = (name: string): Known<number> => {
    const kib = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    return kib === undefined ? absent(`/proc/meminfo has no ${name}`) : known(Number(kib) * 1024);
  };
  return {
    installed_bytes: field('MemTotal'),
    limit_bytes: memoryLimit({ proc: join(source.root, 'proc'), cgroup: join(source.root, 'sys/fs/cgroup') }),
    swap_bytes: field('SwapTotal'),
  };
}

function macMemory(sysctl: ReadonlyMap<string, string>): Memory {
  const installed = Number(sysctl.get('hw.memsize'));
  // `total = 2048.00M  used = 1024.50M  free = 1023.50M  (encrypted)`
  const swap = /^total = ([\d.]+)M/.exec(sysctl.get('vm.swapusage') ?? '')?.[1];
  return {
    installed_bytes: installed > 0 ? known(installed) : absent('sysctl knows no hw.memsize'),
    limit_bytes: absent('macOS has no control groups'),
    swap_bytes: swap === undefined ? absent('sysctl knows no vm.swapusage') : known(Number(swap) * 2 ** 20),
  };
}
