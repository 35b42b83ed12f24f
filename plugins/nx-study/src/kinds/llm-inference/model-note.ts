import { z } from 'zod';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { MemoryRule } from '../../worker/manifest.ts';
import type { MemoryRequest } from '../memory-estimate.ts';
import { factsOf, plannedOf } from './memory-estimate.ts';
import { cacheWidths, weightBytes } from './memory-formula.ts';
import type { MemorySettings } from './memory-settings.ts';
import type { ModelFacts, TokenWork } from './model/types.ts';
import { workTexts } from './texts.ts';

const known = z.union([z.number(), z.strictObject({ value: z.null(), reason: z.string() })]);

/**
 * What a measurement's model is made of, as a record keeps it: whoever reads results later may not have the model. Sizes are
 * those of the whole model, over all GPUs.
 */
export const modelNoteSchema = z.strictObject({
  device: z.enum(['cpu', 'cuda']),
  /** GPUs that share the model; 0 on the host. */
  gpus: z.number(),
  weights: z.number(),
  output_weights: z.number(),
  is_mixture: z.boolean(),
  /** Layers that are alike: how many, and the work and the memory that each has for a token of the context. */
  layers: z.array(
    z.strictObject({ count: z.number(), attended: z.number(), window: z.number().nullable(), kept_bytes: known }),
  ),
  /** Read for each step of decoding: all weights, without the table of input vectors. */
  read_bytes: known,
});
export type ModelNote = z.infer<typeof modelNoteSchema>;

/** The note of a model that is about to be measured; null for a worker that declares no `memory`; absent with the reason. */
export function describeModel({ configuration, rule, gpus }: MemoryRequest): ModelNote | Absent | null {
  if (rule === null) return null;
  const planned = plannedOf({ configuration, rule, gpus });
  if (isAbsent(planned)) return planned;
  const { device, settings } = planned;
  const facts = factsOf(settings.model);
  if (isAbsent(facts)) return facts;
  const { work } = facts;
  if (isAbsent(work)) return work;
  return {
    device,
    gpus: device === 'cpu' ? 0 : settings.tensor_parallel_size * settings.pipeline_parallel_size,
    weights: work.weights,
    output_weights: work.output_weights,
    is_mixture: work.isMixture,
    layers: layersOf(work, facts, settings),
    read_bytes:
      device === 'cuda' && isSplit(settings) ? absent(workTexts.split) : readBytes(work, facts, settings, rule),
  };
}

const isSplit = ({ gpu_layers, cpu_offload_gb }: MemorySettings): boolean => gpu_layers !== null || cpu_offload_gb > 0;

function readBytes(
  work: TokenWork,
  facts: ModelFacts,
  settings: MemorySettings,
  rule: MemoryRule,
): ModelNote['read_bytes'] {
  const quantised = settings.quantisation ?? settings.quantization;
  if (quantised !== null) return absent(workTexts.packing(quantised));
  const bytes = weightBytes(facts, settings, rule);
  if (isAbsent(bytes)) return bytes;
  const { parameters } = facts;
  // Where all weights are of one type, each takes the same; of a file whose types are mixed, the table is taken away.
  if (rule.weights !== 'as-stored' && !isAbsent(parameters))
    return (work.weights + work.output_weights) * (bytes / parameters);
  if (work.isMixture) return absent(workTexts.mixture);
  return work.table_bytes === null ? absent(workTexts.table) : bytes - work.table_bytes;
}

function layersOf({ attention }: TokenWork, facts: ModelFacts, settings: MemorySettings): ModelNote['layers'] {
  const widths = cacheWidths(settings);
  const alike = new Map<string, ModelNote['layers'][number]>();
  for (const [index, { attended, window }] of attention.entries()) {
    const kept = isAbsent(facts.cache) ? facts.cache : facts.cache[index]!;
    const kept_bytes = isAbsent(widths)
      ? widths
      : isAbsent(kept)
        ? kept
        : kept.key * widths.key + kept.value * widths.value;
    const key = JSON.stringify([attended, window, kept_bytes]);
    const same = alike.get(key);
    alike.set(key, same ? { ...same, count: same.count + 1 } : { count: 1, attended, window, kept_bytes });
  }
  return [...alike.values()];
}
