import { existsSync } from 'node:fs';
import { partsOf } from '../../../assets/name.ts';
import { modelTexts } from '../../../errors/model.ts';
import { absent } from '../../kind.ts';
import type { Absent } from '../../kind.ts';
import { ModelError } from './error.ts';
import type { CacheLayer, ModelFacts } from './facts.ts';
import { readGgufHeader } from './gguf-header.ts';
import type { GgufHeader } from './gguf-header.ts';

/** The facts of a GGUF file, of all its parts where it is split. */
export function ggufFacts(path: string): ModelFacts {
  const headers = filesOf(path).map(readGgufHeader);
  const header = headers[0]!;
  const parameters = sum(headers.map(({ tensors }) => sum([...tensors.values()].map(product))));
  const stored_bytes = sum(headers.map(({ tensor_bytes }) => tensor_bytes));
  // No type takes less than a bit for a weight.
  if (parameters > stored_bytes * 8) throw new ModelError(modelTexts.incomplete(path, parameters, stored_bytes));
  return {
    parameters,
    stored_bytes,
    vocabulary: header.tensors.get('token_embd.weight')?.[1] ?? header.lengths.get('tokenizer.ggml.tokens') ?? null,
    embedding_length: numberOf(header, 'embedding_length'),
    cache: cacheOf(header),
  };
}

/** The files of a model that may be split into several; the first one describes it. */
function filesOf(path: string): string[] {
  const parts = partsOf(path);
  if (parts === null) return [path];
  const missing = parts.find((part) => !existsSync(part));
  if (missing !== undefined) throw new ModelError(modelTexts.missingPart(path, missing));
  return parts;
}

function cacheOf(header: GgufHeader): CacheLayer[] | Absent {
  const { architecture, numbers, lists } = header;
  const layers = numberOf(header, 'block_count');
  const heads = headsOf(header, layers);
  if (layers === null || heads === null) return absent(modelTexts.noAttention);
  if (numberOf(header, 'attention.kv_lora_rank') !== null) return absent(modelTexts.latent);
  const isMixed = [...numbers.keys()].some((key) => key.startsWith(`${architecture}.ssm.`));
  if (isMixed && !lists.has(`${architecture}.${KEY_VALUE_HEADS}`)) return absent(modelTexts.mixed);
  const width = headWidth(header);
  const key = numberOf(header, 'attention.key_length') ?? width;
  const value = numberOf(header, 'attention.value_length') ?? width;
  if (key === null || value === null) return absent(modelTexts.noAttention);
  const windows = windowsOf(header, layers);
  return heads
    .map((count, layer) => ({ key: count * key, value: count * value, window: windows[layer]! }))
    .filter((layer) => layer.key > 0);
}

const HEADS = 'attention.head_count';
const KEY_VALUE_HEADS = 'attention.head_count_kv';
const MOST_LAYERS = 4096;

// Which layers see only a window stands in the file for some models; for others the engine knows. Then all do: at least.
function windowsOf(header: GgufHeader, layers: number): (number | null)[] {
  const window = numberOf(header, 'attention.sliding_window') || null;
  const pattern = header.lists.get(`${header.architecture}.attention.sliding_window_pattern`);
  return Array.from({ length: layers }, (_, layer) => (pattern && pattern[layer] !== 1 ? null : window));
}

function numberOf({ architecture, numbers }: GgufHeader, name: string): number | null {
  const number = numbers.get(`${architecture}.${name}`);
  return number !== undefined && isCount(number) ? number : null;
}

// A file may give it in any type, also as a fraction or as no number at all.
const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;

/** Heads whose keys and values are kept, by layer; a file gives them once for all layers, or for each. */
function headsOf(header: GgufHeader, layers: number | null): number[] | null {
  if (layers === null || layers > MOST_LAYERS) return null;
  const list = header.lists.get(`${header.architecture}.${KEY_VALUE_HEADS}`);
  if (list) return list.length === layers && list.every(isCount) ? list : null;
  const one = numberOf(header, KEY_VALUE_HEADS) ?? numberOf(header, HEADS);
  return one === null ? null : Array.from({ length: layers }, () => one);
}

function headWidth(header: GgufHeader): number | null {
  const heads = numberOf(header, HEADS);
  const embedding = numberOf(header, 'embedding_length');
  return heads === null || embedding === null || heads === 0 ? null : embedding / heads;
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
const product = (numbers: number[]): number => numbers.reduce((total, number) => total * number, 1);
