import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where a machine is described from: this one, or a recorded one. */
export interface MachineSource {
  platform: NodeJS.Platform;
  /** The folder that stands for `/`. */
  root: string;
  run(program: string, args: string[]): Promise<Output>;
}

export interface Output {
  ok: boolean;
  stdout: string;
  /** The last line of its output, or why it could not be started. */
  problem: string;
}

const TIME_LIMIT_MS = 10_000;

export const thisMachine: MachineSource = {
  platform: process.platform,
  root: '/',
  async run(program, args) {
    const { failed, stdout, stderr, shortMessage } = await execa(program, args, {
      reject: false,
      stdin: 'ignore',
      timeout: TIME_LIMIT_MS,
      env: { LC_ALL: 'C' },
    });
    const problem = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').at(-1) || (shortMessage ?? '');
    return { ok: !failed, stdout: stdout ?? '', problem };
  },
};

/** The text of a small file of the system, trimmed; null when it isn't there. */
export const textAt = ({ root }: MachineSource, path: string): string | null =>
  orAbsent(() => readFileSync(join(root, path), 'utf8').trim());

/** What is in a folder, sorted; null when it isn't there. */
export const namesIn = ({ root }: MachineSource, path: string): string[] | null =>
  orAbsent(() => readdirSync(join(root, path)).toSorted());

// Drivers answer a read with any error of theirs, such as ENODATA or EBUSY; the value is then absent.
function orAbsent<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Kernel settings of macOS, by name, from one call of sysctl; empty elsewhere. */
export async function sysctlOf(source: MachineSource): Promise<ReadonlyMap<string, string>> {
  if (source.platform !== 'darwin') return new Map();
  // It exits with 1 when one of the names is unknown, but prints the others.
  const { stdout } = await source.run('sysctl', SYSCTL_NAMES);
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^([\w.]+): (.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value!.trim()]];
    }),
  );
}

const SYSCTL_NAMES = [
  'hw.physicalcpu',
  'hw.perflevel0.physicalcpu',
  'hw.memsize',
  'kern.hv_vmm_present',
  'vm.swapusage',
];
