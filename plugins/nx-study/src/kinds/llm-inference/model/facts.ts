import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { partsOf } from '../../../assets/name.ts';
import { checkpointFacts, CONFIG } from './checkpoint.ts';
import { ggufFacts } from './gguf.ts';
import type { ModelFacts } from './types.ts';

/** Reads a `.gguf` file, or a folder with config.json and safetensors files. @throws ModelError for anything else. */
export function readModelFacts(path: string): ModelFacts {
  const isFolder = statSync(path).isDirectory();
  const files = isFolder ? readdirSync(path).map((name) => join(path, name)) : (partsOf(path) ?? [path]);
  const key = [path, ...files.map(stampOf)].join('\0');
  let facts = known.get(key);
  if (!facts) known.set(key, (facts = isFolder ? folderFacts(path) : ggufFacts(path)));
  return facts;
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? [path, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':') : path;
}

/** A folder may as well hold a GGUF file, or the parts of one. */
function folderFacts(folder: string): ModelFacts {
  const gguf = readdirSync(folder)
    .filter((name) => name.endsWith('.gguf'))
    .toSorted();
  return existsSync(join(folder, CONFIG)) || gguf.length === 0
    ? checkpointFacts(folder)
    : ggufFacts(join(folder, gguf[0]!));
}

// Hundreds of measurements of a study share a model.
const known = new Map<string, ModelFacts>();
