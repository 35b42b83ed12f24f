import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { modelTexts } from './texts.ts';
import { absent } from '../../../base/known.ts';
import { ModelError } from './error.ts';
import { quantisationOf } from './packed.ts';
import { readSafetensors } from './safetensors.ts';
import type { ModelFacts } from './types.ts';
import { cacheOfConfig, textConfigSchema } from './checkpoint-config.ts';
import { workOfCheckpoint } from './checkpoint-work.ts';

// Models that also see or hear describe their language model in a part of its own.
const configSchema = z.looseObject({ text_config: textConfigSchema.optional() });
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

const MOST_JSON_BYTES = 64 * 2 ** 20;
export const CONFIG = 'config.json';
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** The facts of a folder with config.json and safetensors files. */
export function checkpointFacts(folder: string): ModelFacts {
  const whole = readJson(join(folder, CONFIG), configSchema);
  const config = whole.text_config ?? readJson(join(folder, CONFIG), textConfigSchema);
  const tensors = weightFiles(folder).map((name) => readSafetensors(join(folder, name)));
  // A quantised checkpoint packs several weights into one value, so their number isn't the number of values.
  const isPacked = quantisationOf(folder, whole) !== null;
  return {
    parameters: isPacked ? absent(modelTexts.packed) : tensors.reduce((total, { parameters }) => total + parameters, 0),
    stored_bytes: tensors.reduce((total, { bytes }) => total + bytes, 0),
    vocabulary: config.vocab_size ?? null,
    embedding_length: config.hidden_size ?? null,
    cache: cacheOfConfig(config),
    work: isPacked
      ? absent(modelTexts.packed)
      : whole.text_config
        ? absent(modelTexts.parts)
        : workOfCheckpoint(config, new Map(tensors.flatMap(({ sizes }) => [...sizes]))),
  };
}

function weightFiles(folder: string): string[] {
  if (existsSync(join(folder, SINGLE))) return [SINGLE];
  if (!existsSync(join(folder, INDEX))) throw new ModelError(modelTexts.noWeights(folder));
  const names = [...new Set(Object.values(readJson(join(folder, INDEX), indexSchema).weight_map))];
  const foreign = names.find((name) => basename(name) !== name || name === '..');
  if (foreign !== undefined) throw new ModelError(modelTexts.foreign(join(folder, INDEX), foreign));
  return names;
}

function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  if (statSync(path).size > MOST_JSON_BYTES) throw new ModelError(modelTexts.tooLong(path, MOST_JSON_BYTES));
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ModelError(modelTexts.json(path, (error as Error).message), { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ModelError(modelTexts.json(path, `${issue.path.join('.')}: ${issue.message}`));
}
