import type { JsonObject } from '../../base/json.ts';
import type { MachineDescription } from '../../machine/description/describe.ts';
import { visibleGpus } from '../../platform/facts.ts';
import type { RuleName } from '../../platform/rules/index.ts';
import { valueText } from '../../yaml/edit.ts';

/** One rule, and for a person why it is there; `need` is null where this machine does not know the fact. */
interface Line {
  name: RuleName;
  need: JsonObject | null;
  comment: string;
}

const GIB = 2 ** 30;
const SYSTEMS: Record<string, string> = { Linux: 'linux', Darwin: 'macos' };

/** The text of a platform that a machine fits as it is now: what makes numbers differ refuses, what may change warns. */
export function platformText(machine: MachineDescription): string {
  return [
    '# yaml-language-server: $schema=./platform.schema.json',
    `description: ${valueText(`Machines like one with ${machine.cpu}`)}`,
    '# A machine that breaks a rule measures nothing; with `level: warn` its numbers are flagged.',
    'rules:',
    ...linesOf(machine).map(lineText),
    '',
  ].join('\n');
}

function lineText({ name, need, comment }: Line): string {
  if (need === null) return `  # ${name}: ${comment}`;
  return `  ${name}: ${valueText(need)}${comment && ` # ${comment}`}`;
}

function linesOf(machine: MachineDescription): Line[] {
  const os = SYSTEMS[machine.system];
  const { allowed } = machine.cpus;
  return [
    { name: 'system', need: { ...(os && { os: [os] }), arch: [machine.arch] }, comment: '' },
    { name: 'cpu', need: { matches: machine.cpu }, comment: '' },
    { name: 'cores', need: { least: allowed, most: allowed }, comment: 'that a measurement may use' },
    memoryLine(machine),
    ...acceleratorLines(machine),
    governorLine(machine),
    swapLine(machine),
  ];
}

function memoryLine({ memory }: MachineDescription): Line {
  const { value, reason } = memory.installed_bytes;
  if (value === null) return { name: 'memory', need: null, comment: reason };
  const bytes = Math.min(value, memory.limit_bytes.value ?? Infinity);
  return { name: 'memory', need: { least_gib: Math.floor((bytes / GIB) * 10) / 10 }, comment: '' };
}

function acceleratorLines(machine: MachineDescription): Line[] {
  const { value: gpus, reason } = visibleGpus(machine);
  if (gpus === null) return [{ name: 'accelerators', need: null, comment: reason }];
  if (gpus.length === 0) return [];
  const models = new Set(gpus.map(({ model }) => model));
  const need = { least: gpus.length, most: gpus.length, ...(models.size === 1 && { matches: gpus[0]!.model }) };
  return [
    { name: 'accelerators', need, comment: '' },
    { name: 'accelerator_idle', need: {}, comment: '' },
  ];
}

function governorLine({ frequency }: MachineDescription): Line {
  const { value, reason } = frequency.governor;
  if (value === null) return { name: 'governor', need: null, comment: reason };
  const is = [...new Set(value.split(', '))];
  return { name: 'governor', need: { is, level: 'warn' }, comment: 'scales the frequency of the CPUs' };
}

function swapLine({ memory }: MachineDescription): Line {
  const { value, reason } = memory.swap_bytes;
  if (value === null) return { name: 'swap', need: null, comment: reason };
  return { name: 'swap', need: { most_gib: Math.ceil((value / GIB) * 10) / 10, level: 'warn' }, comment: '' };
}
