import { removeOrphanContainers } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { coolDown } from '../cooling/cool-down.ts';
import { noTimeFor } from '../limits/budget.ts';
import { limitTexts } from '../limits/texts.ts';
import { heldVram } from '../limits/vram.ts';
import type { HeldMemory } from '../limits/vram.ts';
import { openEngineChecks } from '../../check/engine.ts';
import type { CurrentIdentity } from '../../graph/current.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { MachineDescription } from '../../machine/description/describe.ts';
import { LockLost, lockLost } from '../../machine/texts.ts';
import { writeJournal } from '../../record/journal.ts';
import type { CoolDown, Failure, MeasurementRecord } from '../../record/schema.ts';
import { outerFailure } from '../../state/failures.ts';
import { fitnessOn } from '../../state/fitness.ts';
import type { Fitness } from '../../state/fitness.ts';
import { checkMemoryNow, ignoresMemory } from '../../state/memory.ts';
import type { MemoryCheck } from '../../state/memory.ts';
import { messages } from '../../state/texts.ts';
import { filesNow } from './files.ts';
import type { Outcome } from './finish.ts';
import { gpuOptionsOf } from './job.ts';
import type { Job } from './job.ts';
import { recordNotStarted } from './not-started.ts';
import { refuse } from './platform.ts';
import { requestOf } from './request.ts';

/** What the checks before the start found out. */
export interface Checked {
  /** GPU memory that an earlier worker still holds, which a person wants to be ignored; null when there is none. */
  heldBefore: HeldMemory | null;
  memory: MemoryCheck & Pick<MeasurementRecord, 'model'>;
  coolDown: CoolDown;
  machine: MachineDescription;
  fitness: Fitness;
  /** Code and data right before the start. */
  before: CurrentIdentity;
}

type Check = (job: Job) => Promise<Partial<Checked> | { refused: Outcome }>;

/**
 * All that must hold before a worker starts, in the order in which it is checked; the first that does not hold refuses.
 * Cheap and lasting reasons come before the cool-down, which may take minutes. After it comes what may have changed in
 * these minutes: a stop, the lock, the time that is left, the machine, and last, right before the start, the files.
 */
export const CHECKS: readonly Check[] = [
  noContainersLeft,
  gpuMemoryIsFree,
  engineAccepts,
  memoryIsEnough,
  hasCooledDown,
  isNotStopped,
  lockIsHeld,
  timeIsLeft,
  platformFits,
  filesAreUnchanged,
];

/**
 * Whether a measurement may start now: what the checks found out, or the outcome of the one that refuses it.
 * @throws LockLost when the device lock is another's by now
 */
export async function refusal(job: Job, checks: readonly Check[] = CHECKS): Promise<Checked | { refused: Outcome }> {
  const checked: Partial<Checked> = {};
  for (const check of checks) {
    const found = await check(job);
    if ('refused' in found) return found;
    Object.assign(checked, found);
  }
  // Each field comes from one check of the list.
  return checked as Checked;
}

// A container of a killed run would compute beside this measurement.
async function noContainersLeft({ batch, environment }: Job) {
  if (environment.container) await removeOrphanContainers(environment.container.engine, batch);
  return {};
}

async function gpuMemoryIsFree(job: Job) {
  const heldBefore = await heldVram(gpuOptionsOf(job));
  if (heldBefore === null || ignoresMemory()) return { heldBefore };
  return { refused: await notStarted(job, 'platform', limitTexts.vramStillHeld(heldBefore)) };
}

// The model may not have been here when the run began.
async function engineAccepts({ batch, task, worker }: Job) {
  const refused = await openEngineChecks(batch.workspaceRoot)(task, worker);
  return refused === null
    ? {}
    : { refused: await recordNotStarted(batch, task, outerFailure(refused.type, refused.summary)) };
}

async function memoryIsEnough(job: Job) {
  const memory = await checkMemoryNow(job.worker, { configuration: requestOf(job).configuration, size: job.size });
  if (memory.state !== 'too-large') return { memory };
  const failure = outerFailure('too-large', memory.reason);
  return { refused: await recordNotStarted(job.batch, job.task, failure, { memory: memory.need }) };
}

async function hasCooledDown({ batch, task }: Job) {
  const { workspaceRoot, hasGpu, supervisor, stop } = batch;
  const { gap, neighbours } = task.execution;
  const cooled = await coolDown({
    gap,
    next: task,
    cpu_cores: neighbours.cpu_cores ?? USUAL_NEIGHBOURS_CORES,
    hasGpu,
    boot: supervisor.boot,
    stop: stop.signal,
    print: (line) => batch.print(`${prefixOf(task)}: ${line}`),
    note: (cooling) => writeJournal(workspaceRoot, task.study, { id: task.id, event: 'cooling', ...cooling }),
  });
  return { coolDown: cooled };
}

// The limit for a gap by the CPU use of others, where the study sets none for neighbours (`neighbours.cpu_cores: null`). It is
// the default of that setting; chosen, no measurement is recorded.
const USUAL_NEIGHBOURS_CORES = 0.25;

async function isNotStopped({ batch: { stop }, task }: Job) {
  return stop.signal.aborted ? { refused: unrecorded(task, 'interrupted', messages.stopped(stop.cause()!)) } : {};
}

async function lockIsHeld({ device: { lock } }: Job) {
  if (!lock.isStillHeld()) throw new LockLost(lockLost(lock.path));
  return {};
}

async function timeIsLeft({ batch, task }: Job) {
  const late = await noTimeFor(batch, task);
  if (late === null) return {};
  const text = `${prefixOf(task)}: ${late}`;
  return { refused: { success: false, status: 'skipped' as const, failure: null, directory: null, text } };
}

// Anew for each measurement: a governor, a power limit or a charger may have changed since the one before.
async function platformFits({ batch, task }: Job) {
  const machine = await batch.machine();
  const fitness = await fitnessOn(batch.workspaceRoot, machine)(task);
  return fitness.refusal === null ? { machine, fitness } : { refused: await refuse(batch, task, fitness) };
}

async function filesAreUnchanged(job: Job) {
  const { batch, task } = job;
  const found = await filesNow(job);
  if (found === null) return { refused: unrecorded(task, 'interrupted', messages.stopped(batch.stop.cause()!)) };
  const { current: before, changes } = found;
  if (before.digest === task.digest && changes.changed.length === 0) return { before };
  const message = messages.staleGraph(task.study, changes.changed);
  return { refused: unrecorded(task, 'changed-during-run', message) };
}

const notStarted = ({ batch, task }: Job, type: Failure['type'], message: string): Promise<Outcome> =>
  recordNotStarted(batch, task, outerFailure(type, message));

/** An outcome that leaves no record: the measurement is pending as before. */
const unrecorded = (task: MeasureTask, type: Failure['type'], message: string): Outcome => ({
  success: false,
  failure: outerFailure(type, message),
  directory: null,
  text: `${prefixOf(task)}: ${message}`,
});
