/** A value of a GGUF file's metadata; a number is 32 bits long where its type isn't given. */
export type GgufValue = number | string | boolean | string[] | number[] | boolean[] | { u16: number } | { i32: number };

export interface GgufContent {
  metadata: Record<string, GgufValue>;
  /** Dimensions by tensor name; every weight takes 4 bytes, which are zero. */
  tensors?: Record<string, number[]>;
}

/** A GGUF file of version 3. */
export function ggufFile({ metadata, tensors = {} }: GgufContent): Buffer {
  const shapes = Object.values(tensors);
  const weights = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(shapes.length),
    u64(Object.keys(metadata).length),
    ...Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), valueOf(value)])),
    ...Object.entries(tensors).map(([name, shape]) =>
      Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(F32), u64(0)]),
    ),
    Buffer.alloc(4 * weights),
  ]);
}

/**
 * The parts of a model as llama-gguf-split writes them, with so many tensors each: what describes the model stands in the
 * first one, which has no tensor with --no-tensor-first-split.
 */
export function ggufParts({ metadata, tensors = {} }: GgufContent, counts: number[]): Buffer[] {
  const all = Object.entries(tensors);
  let taken = 0;
  return counts.map((count, index) => {
    const split = {
      'split.no': { u16: index },
      'split.count': { u16: counts.length },
      'split.tensors.count': { i32: all.length },
    };
    const own = all.slice(taken, (taken += count));
    return ggufFile({ metadata: index === 0 ? { ...metadata, ...split } : split, tensors: Object.fromEntries(own) });
  });
}

/** The name of a part of a model. */
export const partName = (name: string, index: number, of: number): string =>
  `${name}-${[index + 1, of].map((number) => String(number).padStart(5, '0')).join('-of-')}.gguf`;

/** What describes a llama of those sizes, and its token embedding. */
export function llama(change: Record<string, GgufValue> = {}): GgufContent {
  return {
    metadata: {
      'general.architecture': 'llama',
      'llama.block_count': 2,
      'llama.embedding_length': 64,
      'llama.attention.head_count': 8,
      'llama.attention.head_count_kv': 2,
      'tokenizer.ggml.tokens': Array.from({ length: 100 }, (_, index) => `token ${index}`),
      ...change,
    },
    tensors: { 'token_embd.weight': [64, 100], 'blk.0.ffn_up.weight': [64, 128] },
  };
}

const F32 = 0;
const U16 = 2;
const U32 = 4;
const I32 = 5;
const FLOAT = 6;
const BOOL = 7;
const TEXT = 8;
const ARRAY = 9;

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
export const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

function valueOf(value: GgufValue): Buffer {
  if (typeof value === 'object' && 'u16' in value) return Buffer.concat([u32(U16), u32(value.u16).subarray(0, 2)]);
  if (typeof value === 'object' && 'i32' in value) return Buffer.concat([u32(I32), u32(value.i32)]);
  if (Array.isArray(value))
    return Buffer.concat([u32(ARRAY), u32(typeOf(value[0]!)), u64(value.length), ...value.map(bytesOf)]);
  return Buffer.concat([u32(typeOf(value)), bytesOf(value)]);
}

const typeOf = (value: number | string | boolean): number =>
  typeof value === 'string'
    ? TEXT
    : typeof value === 'boolean'
      ? BOOL
      : !Number.isInteger(value)
        ? FLOAT
        : value < 0
          ? I32
          : U32;

function bytesOf(value: number | string | boolean): Buffer {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return Buffer.from([Number(value)]);
  if (Number.isInteger(value)) return u32(value >>> 0);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
