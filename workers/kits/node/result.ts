import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { jsonText } from './json.ts';
import { PROTOCOL } from './request.ts';

/** What `measure` returns: the payload of the kind, and the names of further files in the run directory. */
export interface Outcome {
  kind: string;
  payload: object;
  files?: string[];
  partial?: boolean;
}

/** Hashes the side files, then writes result.json. */
export async function writeResult(directory: string, outcome: Outcome): Promise<void> {
  const { kind, payload, files = [], partial = false } = outcome;
  const described = [];
  for (const file of files) described.push(await describe(directory, file));
  await writeJson(join(directory, 'result.json'), { protocol: PROTOCOL, kind, partial, payload, files: described });
}

/** Writes a whole JSON file: temporary file, fsync, rename, fsync of the directory. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = `${jsonText(value, 1)}\n`;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await sync(dirname(path));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function describe(directory: string, file: string): Promise<{ path: string; sha256: string }> {
  const path = join(directory, file);
  await sync(path); // result.json must never name a file whose bytes are still on their way
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { path: file, sha256: hash.digest('hex') };
}
