import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { jsonText } from '../../kits/node/json.ts';
import type { payloadOf } from './payload.ts';

type Payload = ReturnType<typeof payloadOf>;

/** Times of chunks from which a workload's requests stand in a file of their own: some 2 MB. */
const MANY_TIMES = 100_000;

/** The payload with its longest lists in side files, which it names. */
export async function withSideFiles(
  directory: string,
  payload: Payload,
  many = MANY_TIMES,
): Promise<{ payload: object; files: string[] }> {
  const files: string[] = [];
  const workloads: object[] = [];
  for (const [index, workload] of payload.workloads.entries()) {
    const times = workload.requests.reduce((sum, { chunk_times_s }) => sum + chunk_times_s.length, 0);
    if (times <= many) workloads.push(workload);
    else {
      const lines = `files/requests-${index}.jsonl`;
      await writeLines(join(directory, lines), workload.requests);
      files.push(lines);
      workloads.push({ ...workload, requests: { lines, count: workload.requests.length } });
    }
  }
  return { payload: { ...payload, workloads }, files };
}

/** One after another: the whole may be longer than a text in memory can be. */
async function writeLines(path: string, values: Iterable<unknown>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from(linesOf(values)), createWriteStream(path));
}

function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${jsonText(value)}\n`;
}
