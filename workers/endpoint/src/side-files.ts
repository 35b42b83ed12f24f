import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { jsonText } from '../../kits/node/json.ts';
import type { payloadOf } from './payload.ts';

type Payload = ReturnType<typeof payloadOf>;

/** Longer lists stand in files of their own: times of chunks of a workload's requests (some 2 MB), readings of its server (some 200 kB). */
const MOST = { times: 100_000, readings: 600 };

/** The payload with its longest lists in side files, which it names. */
export async function withSideFiles(
  directory: string,
  payload: Payload,
  most = MOST,
): Promise<{ payload: object; files: string[] }> {
  const files: string[] = [];
  const inFile = async <T>(name: string, list: readonly T[]): Promise<T[] | Reference> => {
    const lines = `files/${name}.jsonl`;
    await writeLines(join(directory, lines), list);
    files.push(lines);
    return { lines, count: list.length };
  };
  const workloads: object[] = [];
  for (const [index, workload] of payload.workloads.entries()) {
    const times = workload.requests.reduce((sum, { chunk_times_s }) => sum + chunk_times_s.length, 0);
    const { server_metrics, gpu } = workload;
    const shorter = async <T extends { readings: readonly unknown[] }>(name: string, watched: T | null) =>
      watched === null || watched.readings.length <= most.readings
        ? watched
        : { ...watched, readings: await inFile(`${name}-${index}`, watched.readings) };
    workloads.push({
      ...workload,
      server_metrics: await shorter('server', server_metrics),
      gpu: await shorter('gpu', gpu),
      requests: times <= most.times ? workload.requests : await inFile(`requests-${index}`, workload.requests),
    });
  }
  return { payload: { ...payload, workloads }, files };
}

/** Stands in the place of a list. */
interface Reference {
  lines: string;
  count: number;
}

/** One after another: the whole may be longer than a text in memory can be. */
async function writeLines(path: string, values: Iterable<unknown>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from(linesOf(values)), createWriteStream(path));
}

function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${jsonText(value)}\n`;
}
