import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEvents } from '../../../../plugins/nx-study/src/measure/worker/events.ts';
import type { EventReader } from '../../../../plugins/nx-study/src/measure/worker/events.ts';
import type { WorkerEvent } from '../../../../plugins/nx-study/src/worker/events.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-study-events-'));
  file = join(folder, 'events.jsonl');
});

async function look(reader: EventReader): Promise<WorkerEvent[]> {
  const events: WorkerEvent[] = [];
  await reader.readNew((event) => events.push(event));
  return events;
}

afterEach(() => rm(folder, { recursive: true, force: true }));

it('has nothing to read before the file is there', async () => {
  const reader = readEvents(file);
  expect(await look(reader)).toEqual([]);
  await appendFile(file, '{"t":1,"event":"phase","phase":"loading"}\n');
  expect(await look(reader)).toEqual([{ t: 1, event: 'phase', phase: 'loading' }]);
  reader.close();
});

it('joins a line that was read in two pieces, also within a character', async () => {
  const reader = readEvents(file);
  const line = Buffer.from('{"t":2,"event":"phase","phase":"wärmen"}\n');
  const middle = line.indexOf(0xc3) + 1;
  await appendFile(file, line.subarray(0, middle));
  expect(await look(reader)).toEqual([]);
  await appendFile(file, line.subarray(middle));
  expect(await look(reader)).toEqual([{ t: 2, event: 'phase', phase: 'wärmen' }]);
  reader.close();
});

it('counts lines that are no events, and goes on', async () => {
  const reader = readEvents(file);
  await appendFile(file, 'garbage\n{"t":1}\n{"t":3,"event":"heartbeat"}\n{"t":4,"event":"unknown"}\n');
  expect(await look(reader)).toEqual([{ t: 3, event: 'heartbeat' }]);
  expect(reader.malformed()).toBe(3);
  reader.close();
});

it('passes on a last line without an end once nobody writes any more', async () => {
  const reader = readEvents(file);
  await appendFile(file, '{"t":1,"event":"failure","type":"oom","message":"m"}');
  expect(await look(reader)).toEqual([]);
  const events: WorkerEvent[] = [];
  await reader.readAll((event) => events.push(event));
  expect(events).toEqual([{ t: 1, event: 'failure', type: 'oom', message: 'm' }]);
  reader.close();
});

it('takes of a flood only a part at each look, and all of it in the end', async () => {
  const reader = readEvents(file);
  const line = '{"t":1,"event":"heartbeat"}\n';
  const count = Math.ceil((6 << 20) / line.length);
  await appendFile(file, line.repeat(count));
  const first = (await look(reader)).length;
  expect(first).toBeLessThan(count);
  let all = first;
  await reader.readAll(() => (all += 1));
  expect(all).toBe(count);
  reader.close();
});

it('reads a flood in pieces, and drops a line without end', async () => {
  const reader = readEvents(file);
  await appendFile(file, '{"t":1,"event":"heartbeat"}\n'.repeat(10_000));
  expect(await look(reader)).toHaveLength(10_000);
  await appendFile(file, 'x'.repeat(3 << 20));
  expect(await look(reader)).toEqual([]);
  await appendFile(file, '\n{"t":5,"event":"heartbeat"}\n');
  expect((await look(reader)).at(-1)).toEqual({ t: 5, event: 'heartbeat' });
  expect(reader.malformed()).toBeGreaterThan(0);
  reader.close();
});

it('has nothing to read from what is no regular file, and does not wait for it', async () => {
  const reader = readEvents(file);
  execFileSync('mkfifo', [file]);
  expect(await look(reader)).toEqual([]);
  await rm(file);
  await appendFile(join(folder, 'elsewhere'), '{"t":1,"event":"heartbeat"}\n');
  await symlink(join(folder, 'elsewhere'), file);
  expect(await look(reader)).toEqual([]);
  await reader.readAll(() => expect.unreachable());
  reader.close();
});

it('leaves out the end of an endless file, and tells how much', async () => {
  const line = '{"t":1,"event":"heartbeat"}\n';
  const reader = readEvents(file, 10 * line.length);
  await appendFile(file, line.repeat(30));
  let all = 0;
  await reader.readAll(() => (all += 1));
  expect([all, reader.unread()]).toEqual([10, 20 * line.length]);
  expect(await readFile(file, 'utf8')).toBe(line.repeat(10));
  reader.close();

  await truncate(file, 2 ** 40);
  const holes = readEvents(file);
  await holes.readAll(() => {});
  expect(holes.unread()).toBeGreaterThan(2 ** 39);
  holes.close();
});

it('cuts what is too long for a record or a table, and takes a failure without a traceback', async () => {
  const reader = readEvents(file);
  const long = (length: number) => 'x'.repeat(length);
  const lines = [
    { t: 1, event: 'phase', phase: long(5000) },
    { t: 2, event: 'warning', code: long(5000), message: long(50_000) },
    { t: 3, event: 'failure', type: 'crash', message: 'short', traceback: null },
  ];
  await appendFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect(await look(reader)).toEqual([
    { t: 1, event: 'phase', phase: `${long(119)}…` },
    { t: 2, event: 'warning', code: `${long(119)}…`, message: `${long(3999)}…` },
    lines[2],
  ]);
  reader.close();
});
