import { z } from 'zod';
import { ruleTexts as texts } from '../texts.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { valueAt } from '../../base/path.ts';
import { defineRule } from '../rule.ts';
import type { Facts } from '../facts.ts';

const GIB = 2 ** 30;
const gib = z.number().min(0);
const count = z.int().min(1);

const PERFORMANCE_CORES = 'performance-cores';
const most = z.union([count, z.literal(PERFORMANCE_CORES)], {
  error: `this must be a whole number from 1, or \`${PERFORMANCE_CORES}\``,
});

export const cores = defineRule({
  description: 'CPU cores that a measurement may use, by affinity and control groups.',
  need: { least: count.optional(), most: count.optional() },
  check({ least, most: limit }, { machine: { cpus } }) {
    const fits = cpus.allowed >= (least ?? 0) && cpus.allowed <= (limit ?? Infinity);
    return texts.cores(fits, least, limit, cpus.allowed);
  },
});

export const performance_cores = defineRule({
  description: 'Cores of the fast kind, where a machine has two kinds.',
  need: { least: count },
  check: ({ least }, { machine: { cpus } }) =>
    texts.performanceCores((cpus.performance.value ?? 0) >= least, least, cpus.performance),
});

export const thread_caps = defineRule({
  description: 'Threads that a worker may start: as many as it has cores, unless the study says `cpus`.',
  need: { most },
  check({ most: limit }, facts, { cpus }) {
    const limited = numberOf(limit, facts);
    return texts.threadCaps(limited.value !== null && cpus <= limited.value, limit, limited, cpus);
  },
});

export const chains = defineRule({
  description: 'Chains that an MCMC worker runs.',
  need: {
    setting: z.string().min(1).default('chains').describe('The setting of the worker that holds their number.'),
    most: most.default(PERFORMANCE_CORES),
  },
  check({ setting, most: limit }, facts, { configuration }) {
    const value = valueAt(configuration, setting);
    if (typeof value !== 'number') return texts.noChains(setting);
    const limited = numberOf(limit, facts);
    return texts.chains(limited.value !== null && value <= limited.value, setting, limit, { limited, value });
  },
});

// Cores that this process may not use don't count.
function numberOf(limit: number | typeof PERFORMANCE_CORES, { machine: { cpus } }: Facts): Known<number> {
  if (typeof limit === 'number') return known(limit);
  const { value, reason } = cpus.performance;
  return value === null ? absent(reason) : known(Math.min(value, cpus.allowed));
}

export const memory = defineRule({
  description: 'Memory that is installed, or that control groups grant.',
  need: { least_gib: gib },
  check({ least_gib }, { machine: { memory: has } }) {
    const { value: installed } = has.installed_bytes;
    const bytes = installed === null ? null : Math.min(installed, has.limit_bytes.value ?? Infinity);
    return texts.memory((bytes ?? 0) >= least_gib * GIB, least_gib, bytes, has.installed_bytes.reason);
  },
});

export const free_memory = defineRule({
  description: 'Memory that a new process can get without swapping.',
  momentary: true,
  need: { least_gib: gib },
  check({ least_gib }, facts) {
    const bytes = facts.freeBytes();
    return texts.freeMemory(bytes >= least_gib * GIB, least_gib, bytes);
  },
});

export const swap = defineRule({
  description: 'Space to which memory can be swapped out.',
  need: { most_gib: gib.default(0).describe('0, as when it is left out, demands that swap is off.') },
  check({ most_gib }, { machine: { memory: has } }) {
    const { value } = has.swap_bytes;
    return texts.swap(value !== null && value <= most_gib * GIB, most_gib, has.swap_bytes);
  },
});
