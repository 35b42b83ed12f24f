import { z } from 'zod';
import { ruleTexts as texts } from '../texts.ts';
import type { Gpu } from '../../machine/description/gpus.ts';
import { defineRule } from '../rule.ts';
import type { RuleResult } from '../rule.ts';
import type { Facts } from '../facts.ts';

const GIB = 2 ** 30;

export const accelerators = defineRule({
  description: 'NVIDIA GPUs that a worker sees.',
  need: {
    least: z.int().min(1).default(1),
    most: z.int().min(1).optional(),
    matches: z.string().min(1).optional().describe("A part of each one's model, whatever its case."),
    memory_least_gib: z.number().min(0).optional().describe('Memory of each.'),
  },
  check({ least, most, matches, memory_least_gib }, { gpus }) {
    const all = gpus.value ?? [];
    const fits = ({ model, memory_bytes }: Gpu) =>
      model.toLowerCase().includes((matches ?? '').toLowerCase()) &&
      (memory_bytes.value ?? 0) >= (memory_least_gib ?? 0) * GIB;
    const met = all.length >= least && all.length <= (most ?? Infinity) && all.every(fits);
    return texts.accelerators(met, { least, most, matches, memory_least_gib }, gpus);
  },
});

export const accelerator_persistence = defineRule({
  description: "The GPUs' driver stays loaded while nobody uses it: persistence mode.",
  need: {},
  check: (_, facts) => forAll(facts, (gpu) => gpu.persistence.value === true, texts.persistence),
});

export const accelerator_mig = defineRule({
  description: 'Whether the GPUs are partitioned (MIG).',
  need: { is: z.enum(['on', 'off']).default('off') },
  check: ({ is }, facts) =>
    // A GPU without such a mode isn't partitioned.
    forAll(
      facts,
      ({ mig }) => (mig.value ?? false) === (is === 'on'),
      (...of) => texts.mig(is, ...of),
    ),
});

export const accelerator_power_limit = defineRule({
  description: "The GPUs' power limit; the default one when no number is given.",
  need: { watts: z.number().positive().optional() },
  check({ watts }, facts) {
    const fits = ({ power_limit_w: { value }, default_power_limit_w }: Gpu) =>
      value !== null && Math.abs(value - (watts ?? default_power_limit_w.value ?? NaN)) < 0.5;
    return forAll(facts, fits, (...of) => texts.powerLimit(watts, ...of));
  },
});

export const accelerator_idle = defineRule({
  description: 'No process computes on the GPUs before a measurement starts.',
  momentary: true,
  need: {},
  async check(_, facts) {
    const computing = await facts.gpuProcesses();
    const visible = new Set(facts.gpus.value?.map(({ uuid }) => uuid));
    const busy = computing.value?.filter(({ uuid }) => visible.has(uuid)) ?? null;
    return texts.idle(busy !== null && facts.gpus.value !== null && busy.length === 0, busy, computing.reason);
  },
});

function forAll(
  { gpus }: Facts,
  fits: (gpu: Gpu) => boolean,
  text: (met: boolean, others: Gpu[], reason: string | null) => RuleResult,
): RuleResult {
  const others = gpus.value?.filter((gpu) => !fits(gpu)) ?? [];
  const reason = gpus.value?.length === 0 ? 'there is no NVIDIA GPU' : gpus.reason;
  return text(reason === null && others.length === 0, others, reason);
}
