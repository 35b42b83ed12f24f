import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messages } from '../errors/measure.ts';
import { endContainer } from '../environment/leftovers.ts';
import type { PreparedEnvironment } from '../environment/prepare.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { kindOf } from '../kinds/index.ts';
import { startGuard } from '../machine/guard.ts';
import { hashWithin } from '../machine/hash-regular.ts';
import { readBounded } from '../machine/regular-file.ts';
import { removeScratch, scratchDirectory } from '../record/attempts.ts';
import { isAbsence, MOST_BYTES, whyUnreadable } from '../record/document.ts';
import { writeDerived } from '../record/durable.ts';
import { sourceOf } from '../record/examine.ts';
import { writeJournal } from '../record/journal.ts';
import { readRecord } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { Derived } from '../record/schema.ts';
import { parseStrictly } from '../strict-json.ts';
import type { Worker } from '../worker/manifest.ts';
import { invocation } from './command.ts';
import { tailOf } from './failures.ts';
import { supervise } from './supervise.ts';
import type { Supervised } from './supervise.ts';
import type { Wave } from './wave.ts';

/** Whether the diagnostics of a finished measurement are missing, or were made by other code than today's. */
export function needsDeriving({ record, derived }: Stored, deriving: string | null): boolean {
  if (deriving === null || record.outcome !== 'measured') return false;
  return derived?.outcome !== 'derived' || derived.deriving !== deriving;
}

export type LocalFiles = { state: 'whole' } | { state: 'missing' | 'damaged'; file: string };

/** Whether the files that deriving needs are here (they may be on another machine), and are those that were measured. */
export async function localFiles({ directory, record }: Stored): Promise<LocalFiles> {
  for (const { path, sha256 } of record.files.filter(({ local }) => local)) {
    try {
      const found = await hashWithin(directory, path);
      if (found.sha256 !== sha256) return { state: 'damaged', file: path };
    } catch (error) {
      if (isAbsence(error)) return { state: 'missing', file: path };
      // Throws what says nothing about the file.
      whyUnreadable(error);
      return { state: 'damaged', file: path };
    }
  }
  return { state: 'whole' };
}

/** Runs a worker's `derive` on a finished measurement, without the device; returns why it failed, else null. */
export async function derive(
  wave: Wave,
  task: MeasureTask,
  worker: Worker,
  environment: PreparedEnvironment,
  directory: string,
  deriving: string,
): Promise<string | null> {
  const { workspaceRoot, stop, cpus } = wave;
  const record = await readRecord(directory);
  if (record === null) return messages.deriveNoRecord(directory);
  await removeScratch({ workspaceRoot, ...task });
  const scratch = scratchDirectory(directory, 'derive');
  const places = { run: directory, out: join(scratch, 'derived.json') };
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  const invoked = invocation(
    workspaceRoot,
    worker,
    worker.manifest.commands.derive!,
    environment,
    { cpus, memory_bytes: null },
    places,
  );
  const guard = await startGuard();
  try {
    const ended = await supervise({
      ...invoked,
      directory: scratch,
      inherit: [],
      guard,
      stop: stop.signal,
      watchers: [],
      isSealed: async () => false,
    });
    if (environment.container) await endContainer(environment.container.engine, invoked.token);
    if (ended.exitCode !== 0 && (await stop.soon())) return messages.stopped(stop.cause()!);
    const { payload, problem } = await outcomeOf(ended, places.out, worker.manifest.kind, scratch);
    const derived: Derived = {
      deriving,
      derived_at: new Date().toISOString(),
      outcome: problem === null ? 'derived' : 'failed',
      payload,
      message: problem,
      source: await sourceOf(record),
      checksum: null,
    };
    await writeDerived(directory, derived);
    const event = problem === null ? 'derived' : 'derive-failed';
    await writeJournal(workspaceRoot, task.study, { id: task.id, event, digest: task.digest });
    return problem;
  } finally {
    await guard.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

type DeriveOutcome = { payload: JsonObject; problem: null } | { payload: null; problem: string };

async function outcomeOf(ended: Supervised, out: string, kind: string, scratch: string): Promise<DeriveOutcome> {
  const { exitCode, signal, startError } = ended;
  const problem = (text: string): DeriveOutcome => ({ payload: null, problem: text });
  if (exitCode !== 0) {
    const how = startError?.message ?? (signal ? `killed by ${signal}` : `exit code ${exitCode}`);
    return problem(`${how}\n${await tailOf(join(scratch, 'worker.log'))}`.trim());
  }
  let value: unknown;
  try {
    value = parseStrictly((await readBounded(out, MOST_BYTES.derivedPayload)).toString('utf8'));
  } catch (error) {
    const text = error instanceof SyntaxError ? messages.deriveUnusable : messages.deriveNoJson;
    return problem(text((error as Error).message));
  }
  if (!isJsonObject(value)) return problem(messages.deriveNoJson('not an object'));
  const checked = kindOf(kind).derived?.safeParse(value);
  if (checked?.error) return problem(messages.deriveShape(kind, z.prettifyError(checked.error)));
  return { payload: value, problem: null };
}
