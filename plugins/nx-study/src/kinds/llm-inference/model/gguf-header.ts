import { modelTexts } from './texts.ts';
import { ModelError } from './error.ts';
import { withHeader } from './header.ts';
import type { Header } from './header.ts';

/** A GGUF file's own description; texts other than the architecture, and arrays other than of numbers, are left out. */
export interface GgufHeader {
  path: string;
  /** Empty in a part of a model that isn't the first one. */
  architecture: string;
  /** Numbers and booleans by key; booleans are 0 and 1. */
  numbers: Map<string, number>;
  /** Short arrays of numbers or booleans by key: one value for each layer. */
  lists: Map<string, number[]>;
  /** Lengths of all arrays by key. */
  lengths: Map<string, number>;
  /** Dimensions by tensor name. */
  tensors: Map<string, number[]>;
  /** Where a tensor begins within the part of the file that holds the tensors, by its name. */
  offsets: Map<string, number>;
  /** Of the part of the file that holds the tensors. */
  tensor_bytes: number;
}

const MAGIC = 0x46554747;
const VERSIONS = new Set([2, 3]);
export const ARCHITECTURE = 'general.architecture';

// Chosen: more than any model has, and few enough to read in seconds.
const MOST_KEYS = 65_536;
const MOST_TENSORS = 100_000;
const LONGEST_KEY = 65_535;
const MOST_DIMENSIONS = 8;
const DEEPEST_ARRAY = 4;
const MOST_LAYERS = 4096;

/** Reads the header of a GGUF file (version 2 or 3, little-endian). @throws ModelError when it isn't one. */
export function readGgufHeader(path: string): GgufHeader {
  return withHeader(path, parse);
}

function parse(header: Header): GgufHeader {
  const wrong = (what: string) => new ModelError(modelTexts.gguf(header.path, what));
  if (header.size < 24 || u32(header) !== MAGIC) throw wrong('it does not begin with "GGUF"');
  const version = u32(header);
  if (!VERSIONS.has(version)) throw wrong(`version ${version} is not read, only 2 and 3 in little-endian order`);
  const tensorCount = u64(header);
  const keyCount = u64(header);
  if (keyCount > MOST_KEYS) throw wrong(`it claims ${keyCount} keys`);
  if (tensorCount > MOST_TENSORS) throw wrong(`it claims ${tensorCount} tensors`);

  const parsed: GgufHeader = {
    path: header.path,
    architecture: '',
    numbers: new Map(),
    lists: new Map(),
    lengths: new Map(),
    tensors: new Map(),
    offsets: new Map(),
    tensor_bytes: 0,
  };
  for (let index = 0; index < keyCount; index++) readPair(header, parsed, wrong);
  for (let index = 0; index < tensorCount; index++) {
    const name = text(header, wrong);
    const dimensions = u32(header);
    if (dimensions > MOST_DIMENSIONS) throw wrong(`tensor ${name} claims ${dimensions} dimensions`);
    parsed.tensors.set(
      name,
      times(dimensions, () => u64(header)),
    );
    // Its type.
    header.skip(4);
    parsed.offsets.set(name, u64(header));
  }
  parsed.tensor_bytes = header.size - header.position();
  return parsed;
}

type Wrong = (what: string) => ModelError;

function readPair(header: Header, parsed: GgufHeader, wrong: Wrong): void {
  const key = text(header, wrong);
  const type = u32(header);
  const readNumber = NUMBERS[type];
  if (readNumber) parsed.numbers.set(key, readNumber(header));
  else if (type === TEXT && key === ARCHITECTURE) parsed.architecture = text(header, wrong);
  else if (type === ARRAY) readList(header, key, parsed, wrong);
  else skipValue(header, type, 0, wrong);
}

function readList(header: Header, key: string, parsed: GgufHeader, wrong: Wrong): void {
  const type = u32(header);
  const count = u64(header);
  parsed.lengths.set(key, count);
  const readNumber = NUMBERS[type];
  if (readNumber && count <= MOST_LAYERS)
    parsed.lists.set(
      key,
      times(count, () => readNumber(header)),
    );
  else skipItems(header, { type, count }, 0, wrong);
}

function skipValue(header: Header, type: number, depth: number, wrong: Wrong): void {
  const width = WIDTHS[type];
  if (width !== undefined) header.skip(width);
  else if (type === TEXT) header.skip(u64(header));
  else if (type === ARRAY) {
    if (depth === DEEPEST_ARRAY) throw wrong('its arrays are nested too deeply');
    const items = { type: u32(header), count: u64(header) };
    skipItems(header, items, depth + 1, wrong);
  } else throw wrong(`it has a value of the unknown type ${type}`);
}

function skipItems(
  header: Header,
  { type, count }: { type: number; count: number },
  depth: number,
  wrong: Wrong,
): void {
  const width = WIDTHS[type];
  if (width !== undefined) return header.skip(count * width);
  for (let index = 0; index < count; index++) skipValue(header, type, depth, wrong);
}

const TEXT = 8;
const ARRAY = 9;
/** Bytes of a value, by type. */
const WIDTHS: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const NUMBERS: Record<number, (header: Header) => number> = {
  0: (header) => header.take(1).readUInt8(),
  1: (header) => header.take(1).readInt8(),
  2: (header) => header.take(2).readUInt16LE(),
  3: (header) => header.take(2).readInt16LE(),
  4: (header) => header.take(4).readUInt32LE(),
  5: (header) => header.take(4).readInt32LE(),
  6: (header) => header.take(4).readFloatLE(),
  7: (header) => header.take(1).readUInt8(),
  10: (header) => u64(header),
  11: (header) => Number(header.take(8).readBigInt64LE()),
  12: (header) => header.take(8).readDoubleLE(),
};

const u32 = (header: Header): number => header.take(4).readUInt32LE();
// A number beyond 2^53 loses digits, and is beyond every limit here.
const u64 = (header: Header): number => Number(header.take(8).readBigUInt64LE());

function text(header: Header, wrong: Wrong): string {
  const length = u64(header);
  if (length > LONGEST_KEY) throw wrong(`it has a name of ${length} bytes`);
  return header.take(length).toString('utf8');
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
