import { join, resolve } from 'node:path';
import { WorkerError } from './errors.ts';
import { Events } from './events.ts';
import { readRequest } from './request.ts';
import type { Request } from './request.ts';
import { writeResult } from './result.ts';
import type { Outcome } from './result.ts';
import { Stop } from './stop.ts';

/** What `measure` gets. */
export interface Run {
  directory: string;
  request: Request;
  events: Events;
  stop: Stop;
  /** Called, last one first, once the result is on the disk (phase teardown) or the failure is reported. */
  closing: (() => unknown)[];
}

export type Measure = (task: Run) => Promise<Outcome> | Outcome;

/** Performs one measurement in the run directory named on the command line, and exits. */
export async function run(measure: Measure, args: string[] = process.argv.slice(2)): Promise<never> {
  const [directory] = args;
  if (directory === undefined || args.length > 1) {
    console.error('usage: <worker> RUN_DIRECTORY');
    process.exit(2);
  }
  process.exit(await perform(measure, resolve(directory)));
}

async function perform(measure: Measure, directory: string): Promise<number> {
  const events = new Events(join(directory, 'events.jsonl'));
  const closing: Run['closing'] = [];
  // An error outside of the chain of promises, in a callback of native code for example, ends the process, too.
  process.once('uncaughtException', (error) => process.exit(fail(events, error)));
  const stopBeating = events.heartbeats();
  const code = await measureOnce(measure, directory, events, closing);
  try {
    for (const close of closing.reverse()) await close();
  } catch (error) {
    return code || fail(events, error); // of two failures the first one counts
  }
  stopBeating();
  events.close();
  return code;
}

async function measureOnce(
  measure: Measure,
  directory: string,
  events: Events,
  closing: Run['closing'],
): Promise<number> {
  const stop = new Stop();
  try {
    const request = readRequest(join(directory, 'request.json'));
    process.title = `nx-study: ${request.study}.${request.id} r${request.repetition}`;
    const outcome = await measure({ directory, request, events, stop, closing });
    await writeResult(directory, outcome);
    if (closing.length > 0) events.phase('teardown');
    return outcome.partial ? stop.exitCode : 0;
  } catch (error) {
    return fail(events, error);
  }
}

function fail(events: Events, error: unknown): number {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  events.failure(failureType(error), message || 'an error without a message', stack ?? null);
  console.error(error instanceof WorkerError ? message : error);
  return 1;
}

/** The protocol's failure type; memory that ran out may be the cause of another error. */
function failureType(error: unknown): WorkerError['type'] {
  for (let seen = error; seen instanceof Error; seen = seen.cause) if (seen instanceof WorkerError) return seen.type;
  return 'crash';
}
