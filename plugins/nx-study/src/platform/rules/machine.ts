import { z } from 'zod';
import { ruleTexts as texts } from '../texts.ts';
import { defineRule } from '../rule.ts';

const OS_NAMES = { Linux: 'linux', Darwin: 'macos' } as Record<string, string>;
const words = z.array(z.string().min(1)).min(1);

export const system = defineRule({
  description: 'The operating system and the architecture.',
  need: {
    os: z
      .array(z.enum(['linux', 'macos']))
      .min(1)
      .optional(),
    arch: z
      .array(z.enum(['x64', 'arm64']))
      .min(1)
      .optional(),
  },
  check({ os, arch }, { machine }) {
    const name = OS_NAMES[machine.system] ?? machine.system;
    const fits = (accepted: readonly string[] | undefined, is: string) => accepted?.includes(is) ?? true;
    return texts.system(fits(os, name) && fits(arch, machine.arch), [os, arch], `${name}, ${machine.arch}`);
  },
});

export const cpu = defineRule({
  description: 'The model of the CPU.',
  need: { matches: z.string().min(1).describe("A part of the model's name, whatever its case.") },
  check: ({ matches }, { machine }) =>
    texts.cpu(machine.cpu.toLowerCase().includes(matches.toLowerCase()), matches, machine.cpu),
});

export const bare_metal = defineRule({
  description: 'The machine is not virtual.',
  need: {},
  check: (_, { machine: { hypervisor } }) => texts.bareMetal(hypervisor.value === 'none', hypervisor),
});

export const mains_power = defineRule({
  description: 'The machine does not run on its battery.',
  need: {},
  check: (_, { machine: { power } }) => texts.mainsPower(power.value === 'mains', power),
});

export const governor = defineRule({
  description: 'The governor that scales the frequency of all CPUs.',
  need: { is: words.describe('Those that will do, such as `performance`.') },
  check({ is }, { machine: { frequency } }) {
    const all = frequency.governor.value?.split(', ') ?? [];
    return texts.governor(all.length > 0 && all.every((one) => is.includes(one)), is, frequency.governor);
  },
});

export const processes = defineRule({
  description: 'Programs that must not run beside a measurement.',
  momentary: true,
  need: { none_of: words.describe('Names of programs, such as `ollama`.') },
  async check({ none_of }, facts) {
    const running = (await facts.processes()).flatMap(({ pid, names }) => {
      const name = names.find((one) => none_of.includes(one));
      return name === undefined ? [] : [`${name} (pid ${pid})`];
    });
    return texts.processes(running.length === 0, none_of, running);
  },
});

export const cpp_compiler = defineRule({
  description: 'A C++ compiler on the PATH.',
  need: { workers: words.optional().describe('The workers that need one; left out: all.') },
  check({ workers }, facts, { worker }) {
    const asked = workers === undefined || workers.includes(worker);
    const path = asked ? facts.compiler() : null;
    return texts.compiler(!asked || path !== null, asked ? path : `not needed by ${worker}`);
  },
});
