import { existsSync } from 'node:fs';
import { partsOf } from '../../../assets/name.ts';
import { modelTexts } from './texts.ts';
import { ModelError } from './error.ts';
import { cacheOf, numberOf } from './gguf-cache.ts';
import { ARCHITECTURE, readGgufHeader } from './gguf-header.ts';
import type { GgufHeader } from './gguf-header.ts';
import { workOfGguf } from './gguf-work.ts';
import type { ModelFacts } from './types.ts';
import { product, sum } from '../../../base/sum.ts';

/**
 * The facts of a GGUF file, of all its parts where it is split. As `llama-gguf-split` writes them, the first part alone
 * describes the model, and may hold no tensor.
 * @throws ModelError, also for parts that don't belong together.
 */
export function ggufFacts(path: string): ModelFacts {
  const headers = filesOf(path).map(readGgufHeader);
  checkParts(headers);
  const header = headers[0]!;
  if (header.architecture === '') throw new ModelError(modelTexts.gguf(header.path, `it has no ${ARCHITECTURE}`));
  const parameters = sum(headers.map(({ tensors }) => sum([...tensors.values()].map(product))));
  const stored_bytes = sum(headers.map(({ tensor_bytes }) => tensor_bytes));
  // No type takes less than a bit for a weight.
  if (parameters > stored_bytes * 8) throw new ModelError(modelTexts.incomplete(path, parameters, stored_bytes));
  return {
    parameters,
    stored_bytes,
    vocabulary: embeddingOf(headers)?.[1] ?? header.lengths.get('tokenizer.ggml.tokens') ?? null,
    embedding_length: numberOf(header, 'embedding_length'),
    cache: cacheOf(header),
    work: workOfGguf(headers),
  };
}

const embeddingOf = (headers: GgufHeader[]): number[] | undefined =>
  headers.map(({ tensors }) => tensors.get('token_embd.weight')).find((shape) => shape !== undefined);

/** Compares the headers of parts (`split.*`, numbered from 0) with their names, where the headers have these keys. */
function checkParts(headers: GgufHeader[]): void {
  const of = headers.length;
  for (const [index, { path, numbers }] of headers.entries()) {
    const count = numbers.get('split.count') ?? 0;
    if (count > 1 && count !== of) throw new ModelError(modelTexts.partCount(path, count, of));
    const number = numbers.get('split.no');
    if (of > 1 && number !== undefined && number !== index)
      throw new ModelError(modelTexts.partNumber(path, number + 1, index + 1));
  }
  const { path, numbers } = headers[0]!;
  const tensors = sum(headers.map((header) => header.tensors.size));
  const claimed = numbers.get('split.tensors.count');
  if (of > 1 && claimed !== undefined && claimed !== tensors)
    throw new ModelError(modelTexts.partTensors(path, claimed, tensors));
}

/** The files of a model that may be split into several; the first one describes it. */
function filesOf(path: string): string[] {
  const parts = partsOf(path);
  if (parts === null) return [path];
  const missing = parts.find((part) => !existsSync(part));
  if (missing !== undefined) throw new ModelError(modelTexts.missingPart(path, missing));
  return parts;
}
