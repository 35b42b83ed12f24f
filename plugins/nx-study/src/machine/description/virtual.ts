import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { textAt } from './source.ts';
import type { MachineSource } from './source.ts';

export type Virtual = {
  /** The hypervisor's name, `unknown hypervisor`, or `none`. */
  hypervisor: Known<string>;
  /** The container's kind, or `none`. */
  container: Known<string>;
};

export function describeVirtual(source: MachineSource, sysctl: ReadonlyMap<string, string>): Virtual {
  return { hypervisor: hypervisor(source, sysctl), container: container(source) };
}

function hypervisor(source: MachineSource, sysctl: ReadonlyMap<string, string>): Known<string> {
  if (source.platform === 'darwin') {
    const present = sysctl.get('kern.hv_vmm_present');
    if (present === undefined) return absent('sysctl knows no kern.hv_vmm_present');
    return known(present === '1' ? 'unknown hypervisor' : 'none');
  }
  const flags = /^flags\s*:(.*)$/m.exec(textAt(source, 'proc/cpuinfo') ?? '')?.[1]?.trim();
  const named = hypervisorName(source);
  if (named !== null) return known(named);
  // ARM has no such flag.
  if (flags === undefined) return absent('nothing here tells whether this machine is virtual');
  return known(flags.split(' ').includes('hypervisor') ? 'unknown hypervisor' : 'none');
}

const VENDORS: [RegExp, string][] = [
  [/\bKVM\b/i, 'kvm'],
  [/QEMU/i, 'qemu'],
  [/VMware/i, 'vmware'],
  [/VirtualBox|innotek/i, 'virtualbox'],
  // Its bare machines name it, too.
  [/Amazon EC2 (?!.*metal)/i, 'amazon'],
  [/Google Compute Engine/i, 'google'],
  [/Virtual Machine/i, 'microsoft'],
  [/Xen|HVM domU/i, 'xen'],
  [/Parallels/i, 'parallels'],
  [/Apple Virtualization/i, 'apple'],
];

function hypervisorName(source: MachineSource): string | null {
  const type = textAt(source, 'sys/hypervisor/type');
  if (type) return type;
  const dmi = ['sys_vendor', 'product_name'].map((name) => textAt(source, `sys/class/dmi/id/${name}`) ?? '').join(' ');
  const vendor = VENDORS.find(([pattern]) => pattern.test(`${dmi} `))?.[1];
  if (vendor) return vendor;
  const compatible = textAt(source, 'proc/device-tree/hypervisor/compatible')?.split('\0')[0];
  return compatible || null;
}

function container(source: MachineSource): Known<string> {
  if (source.platform !== 'linux') return known('none');
  const said = textAt(source, 'run/systemd/container');
  if (said) return known(said);
  if (existsSync(join(source.root, '.dockerenv'))) return known('docker');
  if (existsSync(join(source.root, 'run/.containerenv'))) return known('podman');
  const group = textAt(source, 'proc/self/cgroup') ?? '';
  const kind = /kubepods|docker|lxc|podman|containerd/.exec(group)?.[0];
  return known(kind ?? 'none');
}
