import { modelTexts } from './texts.ts';
import { isJsonObject } from '../../../base/json.ts';
import { ModelError } from './error.ts';
import { withHeader } from './header.ts';
import { sum } from '../../../base/sum.ts';

/** Totals of one safetensors file. */
export interface Tensors {
  parameters: number;
  bytes: number;
  /** Number of weights by name. */
  sizes: Map<string, number>;
}

/** Reads a safetensors file's header: a length, then that much JSON. Throws a ModelError when it isn't one. */
export function readSafetensors(path: string): Tensors {
  return withHeader(path, (header) => {
    const length = Number(header.take(8).readBigUInt64LE());
    const described = parse(path, header.take(length).toString('utf8'));
    const bytes = header.size - header.position();
    const tensors = Object.entries(described).filter(([name]) => name !== '__metadata__');
    const sizes = new Map(tensors.map(([name, tensor]) => [name, elementsOf(path, name, tensor)]));
    const parameters = sum(sizes.values());
    if (parameters > bytes * 8) throw new ModelError(modelTexts.incomplete(path, parameters, bytes));
    return { parameters, bytes, sizes };
  });
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below.
  }
  throw new ModelError(modelTexts.safetensors(path, 'its header is no JSON object'));
}

function elementsOf(path: string, name: string, tensor: unknown): number {
  const shape: unknown = isJsonObject(tensor) ? tensor['shape'] : null;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && Number(size) >= 0))
    throw new ModelError(modelTexts.safetensors(path, `tensor ${JSON.stringify(name)} has no shape`));
  return shape.reduce<number>((product, size) => product * Number(size), 1);
}
