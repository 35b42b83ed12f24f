import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject } from '../../../base/json.ts';
import type { JsonObject } from '../../../base/json.ts';

/** Files in which older tools describe how a checkpoint was quantised: AutoGPTQ, AutoAWQ and NVIDIA's Model Optimizer. */
const FILES = ['quantize_config.json', 'quant_config.json', 'hf_quant_config.json'];

/**
 * How a checkpoint was quantised, by its `config.json`; empty where only another file tells, and null where nothing does. Engines
 * look at the same places (vllm, model_executor/model_loader/weight_utils.py: get_quant_config; transformers_utils/config.py).
 */
export function quantisationOf(folder: string, config: Readonly<Record<string, unknown>>): JsonObject | null {
  const { text_config, quantization_config, compression_config } = config;
  const ofText = isJsonObject(text_config) ? text_config['quantization_config'] : null;
  const found = [quantization_config, ofText, compression_config].find((one) => one !== undefined && one !== null);
  if (found !== undefined) return isJsonObject(found) ? found : {};
  return FILES.some((name) => existsSync(join(folder, name))) ? {} : null;
}
