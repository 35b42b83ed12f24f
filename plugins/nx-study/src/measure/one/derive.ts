import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messages } from '../../state/texts.ts';
import { endContainer } from '../../environment/leftovers.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { kindOf } from '../../kinds/index.ts';
import { startGuard } from '../../machine/guard.ts';
import { readBounded } from '../../machine/regular-file.ts';
import { removeScratch, scratchDirectory } from '../../record/attempts.ts';
import { MOST_BYTES } from '../../record/document.ts';
import { writeDerived } from '../../record/durable.ts';
import { sourceOf } from '../../record/examine.ts';
import { writeJournal } from '../../record/journal.ts';
import { readRecord } from '../../record/read.ts';
import type { Derived } from '../../record/schema.ts';
import { parseStrictly } from '../../base/strict-json.ts';
import type { Worker } from '../../worker/manifest.ts';
import { invocation } from '../worker/command.ts';
import { supervise } from '../worker/supervise.ts';
import type { Supervised } from '../worker/supervise.ts';
import type { Batch } from '../batch/batch.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import { tailOf } from '../worker/failure.ts';

/** A finished measurement whose diagnostics are missing, or are of other deriving code. */
export interface Derivation {
  batch: Batch;
  task: MeasureTask;
  worker: Worker;
  environment: PreparedEnvironment;
  /** The finished measurement. */
  directory: string;
  /** Hash of the deriving code. */
  deriving: string;
}

/** Runs a worker's `derive` on a finished measurement, without the device; returns why it failed, else null. */
export async function derive(derivation: Derivation): Promise<string | null> {
  const { batch, task, worker, environment, directory, deriving } = derivation;
  const { workspaceRoot, stop, cpus } = batch;
  const record = await readRecord(directory);
  if (record === null) return messages.deriveNoRecord(directory);
  await removeScratch({ workspaceRoot, ...task });
  const scratch = scratchDirectory(directory, 'derive');
  const places = { run: directory, out: join(scratch, 'derived.json') };
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  const invoked = invocation({
    workspaceRoot,
    worker,
    command: worker.manifest.commands.derive!,
    environment,
    allowance: { cpus, memory_bytes: null },
    places,
  });
  const guard = await startGuard();
  try {
    const ended = await supervise({
      ...invoked,
      directory: scratch,
      inherit: [],
      guard,
      stop: stop.signal,
      watchers: [],
      isComplete: async () => false,
    });
    if (environment.container) await endContainer(environment.container, invoked.token);
    if (ended.exitCode !== 0 && (await stop.stopWithin())) return messages.stopped(stop.cause()!);
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
