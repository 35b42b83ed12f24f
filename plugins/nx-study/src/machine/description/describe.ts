import { createRequire } from 'node:module';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import { cpuAllowance } from '../cpus.ts';
import type { CpuAllowance } from '../cpus.ts';
import { hostFingerprint } from '../host.ts';
import type { HostFingerprint } from '../host.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { describeCores } from './cores.ts';
import type { Cores } from './cores.ts';
import { describeFrequency } from './frequency.ts';
import type { Frequency } from './frequency.ts';
import { describeGpus } from './gpus.ts';
import type { Gpu } from './gpus.ts';
import { describeMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { describePower } from './power.ts';
import { sysctlOf, textAt, thisMachine } from './source.ts';
import type { MachineSource } from './source.ts';
import { describeVirtual } from './virtual.ts';
import type { Virtual } from './virtual.ts';

/** The machine in a record: its stable part, which is also the identity of `platform: host`, and its present settings. */
export type MachineDescription = HostFingerprint &
  Virtual & {
    hostname: string;
    os: Known<string>;
    os_release: string;
    node: string;
    nx: string | null;
    nx_study: string;
    cpus: CpuAllowance & Cores;
    frequency: Frequency;
    memory: Memory;
    power: Known<'mains' | 'battery'>;
    /** The accelerators as the driver reports them, each with its settings. */
    gpus: Known<Gpu[]>;
  };

/** Describes the machine as it is now. Starts `nvidia-smi` where there is an NVIDIA GPU, and on macOS a few programs. */
export async function describeMachine(source: MachineSource = thisMachine): Promise<MachineDescription> {
  const roots = { proc: join(source.root, 'proc'), sys: join(source.root, 'sys') };
  const fingerprint = await hostFingerprint(roots);
  const sysctl = await sysctlOf(source);
  const [power, gpus] = await Promise.all([
    describePower(source),
    fingerprint.accelerators.length > 0 ? describeGpus(source) : known<Gpu[]>([]),
  ]);
  return {
    ...fingerprint,
    ...describeVirtual(source, sysctl),
    hostname: hostname(),
    os: osName(source),
    os_release: release(),
    node: process.version,
    ...versions,
    cpus: {
      ...cpuAllowance({ proc: roots.proc, cgroup: join(roots.sys, 'fs/cgroup') }),
      ...describeCores(source, sysctl),
    },
    frequency: describeFrequency(source),
    memory: describeMemory(source, sysctl),
    power,
    gpus,
  };
}

function osName(source: MachineSource): Known<string> {
  if (source.platform === 'darwin') {
    const plist = textAt(source, 'System/Library/CoreServices/SystemVersion.plist') ?? '';
    const version = /<key>ProductVersion<\/key>\s*<string>(.*?)<\/string>/.exec(plist)?.[1];
    return version === undefined ? absent('its version file is not readable') : known(`macOS ${version}`);
  }
  const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(textAt(source, 'etc/os-release') ?? '')?.[1];
  return name ? known(name) : absent('/etc/os-release names no system');
}

const require = createRequire(import.meta.url);

const versionOf = (path: string): string | null => {
  try {
    return (require(path) as { version: string }).version;
  } catch {
    return null;
  }
};

/** Of the software that measures; null where it isn't found. */
export const versions = {
  nx: versionOf('nx/package.json'),
  nx_study: versionOf('nx-study/package.json') ?? 'unknown',
};
