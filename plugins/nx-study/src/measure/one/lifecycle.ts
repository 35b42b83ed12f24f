import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { endingFindings } from '../worker/texts.ts';
import { limitTexts } from '../limits/texts.ts';
import { LockLost, lockLost, lockLostFinding } from '../../machine/texts.ts';
import { messages, rewritten } from '../../state/texts.ts';
import { findingsOf as environmentFindings } from '../../environment/container.ts';
import { endContainer } from '../../environment/leftovers.ts';
import { differences } from '../../graph/differences.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { failedAttempts, partialDirectory } from '../../record/attempts.ts';
import { writeJournal } from '../../record/journal.ts';
import type { Failure, Finding, MeasurementRecord } from '../../record/schema.ts';
import { errorCode } from '../../base/errno.ts';
import { seesStrays } from '../../machine/tree.ts';
import type { Worker } from '../../worker/manifest.ts';
import { assetChanges, hashingIn } from './assets.ts';
import type { AssetChanges, TaskAssets } from './assets.ts';
import { invocation, secretsOf } from '../worker/command.ts';
import { coolDown, findingsOfCoolDown } from '../cooling/cool-down.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { outerFailure } from '../../state/failures.ts';
import { finish } from './finish.ts';
import type { Outcome } from './finish.ts';
import { currentIdentity } from '../../graph/current.ts';
import type { CurrentIdentity } from '../../graph/current.ts';
import { checkMemoryNow, ignoresMemory } from '../../state/memory.ts';
import { noTimeFor } from '../limits/budget.ts';
import { shortenLog } from '../worker/log.ts';
import { recordNotStarted } from './not-started.ts';
import { observe } from './observe.ts';
import { refuse } from './platform.ts';
import { startedRecord } from './record.ts';
import { requestOf } from './request.ts';
import { checkResult } from '../worker/result.ts';
import type { ResultCheck } from '../worker/result.ts';
import { checkEnded, makeRunDirectory, withPatience } from './run-directory.ts';
import { heldVram, noteVram } from '../limits/vram.ts';
import { supervise } from '../worker/supervise.ts';
import type { Supervised } from '../worker/supervise.ts';
import { clearLeftovers } from '../batch/wave.ts';
import type { Device, Wave } from '../batch/wave.ts';
import { reasonOf } from '../../base/reason.ts';
import { headOf } from '../batch/prefix.ts';
import { fitnessOn } from '../../state/fitness.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import { failureOf } from '../worker/failure.ts';

// Where the study sets no limit for neighbours, and no sensor tells that the machine has recovered.
const USUAL_NEIGHBOURS_CORES = 0.25;

/** Measures one task under the device lock: cool-down, checks, supervision, record. */
export async function measureOne(
  wave: Wave,
  device: Device,
  task: MeasureTask,
  worker: Worker,
  environment: PreparedEnvironment,
  assets: TaskAssets,
): Promise<Outcome> {
  const { workspaceRoot, supervisor, stop } = wave;
  const cpus = task.cpus ?? wave.cpus;
  const request = requestOf(workspaceRoot, task, environment, assets, cpus);
  if (environment.container) await clearLeftovers(environment.container.engine, wave);
  const gpu = { hasGpu: wave.hasGpu, boot: supervisor.boot, stop: stop.signal };
  const heldBefore = await heldVram(gpu);
  if (heldBefore !== null && !ignoresMemory())
    return recordNotStarted(wave, task, outerFailure('platform', limitTexts.vramStillHeld(heldBefore)));
  const memory = await checkMemoryNow(worker, request.configuration);
  if (memory.state === 'too-large')
    return recordNotStarted(wave, task, outerFailure('too-large', memory.reason), { memory: memory.need });
  const { gap, neighbours } = task.execution;
  const cooled = await coolDown({
    gap,
    next: task,
    cpu_cores: neighbours.cpu_cores ?? USUAL_NEIGHBOURS_CORES,
    hasGpu: wave.hasGpu,
    boot: supervisor.boot,
    stop: stop.signal,
    print: (line) => wave.print(`${headOf(task)}: ${line}`),
    note: (cooling) => writeJournal(workspaceRoot, task.study, { id: task.id, event: 'cooling', ...cooling }),
  });
  if (stop.signal.aborted) return notStarted(task, 'interrupted', messages.stopped(stop.cause()!));
  if (!device.lock.isStillHeld()) throw new LockLost(lockLost(device.lock.path));
  // The gap may have taken what was left.
  const late = await noTimeFor(workspaceRoot, task, wave.runStart);
  if (late !== null)
    return { success: false, status: 'skipped', failure: null, directory: null, text: `${headOf(task)}: ${late}` };
  // Anew for each: a governor, a power limit or a charger may have changed since the one before.
  const machine = await wave.machine();
  const fitness = await fitnessOn(workspaceRoot, machine)(task);
  if (fitness.refusal !== null) return refuse(wave, task, fitness);
  const found = await lookAtFiles(wave, task, assets);
  if (found === null) return notStarted(task, 'interrupted', messages.stopped(stop.cause()!));
  const { current: before, changes } = found;
  if (before.digest !== task.digest || changes.changed.length > 0)
    return notStarted(task, 'changed-during-run', messages.staleGraph(task.study, changes.changed));

  const slot = { workspaceRoot, ...task };
  const tried = await failedAttempts(slot);
  const last = tried.at(-1)?.failure;
  if (last) wave.print(`${headOf(task)}: ${messages.again(tried.length, last.type, last.message)}`);
  const started = startedRecord({
    wave,
    task,
    worker,
    identity: before.identity,
    environment,
    cpus,
    attempt: tried.length + 1,
    coolDown: cooled,
    machine,
    platform: fitness.platform,
    sleepInhibition: device.awake.by,
    memory: memory.need,
    findings: [
      ...(heldBefore ? [heldFinding(limitTexts.vramIgnored(heldBefore))] : []),
      ...findingsOfCoolDown(cooled),
      ...fitness.findings,
      ...environmentFindings(environment),
      ...memory.findings,
    ],
  });
  const runDirectory = await makeRunDirectory(partialDirectory(slot, supervisor.boot));
  const directory = runDirectory.path;
  await mkdir(request.assets_dir, { recursive: true });
  await Promise.all([
    writeFile(join(directory, 'request.json'), `${JSON.stringify(request, null, 2)}\n`),
    // Not synced: after a power cut nothing of a running measurement is worth keeping.
    writeFile(join(directory, 'record.json'), `${JSON.stringify(started, null, 2)}\n`),
  ]);
  await writeJournal(workspaceRoot, task.study, { id: task.id, event: 'started', digest: task.digest });

  const { kind, commands } = worker.manifest;
  const models = [...assets.values()].map(({ path }) => path);
  const allowance = { cpus, memory_bytes: task.execution.memory_limit_bytes };
  const invoked = invocation(
    workspaceRoot,
    worker,
    commands.measure,
    environment,
    allowance,
    { run: directory },
    models,
  );
  const vramRestored = await noteVram(gpu);
  const observation = await observe(wave, task, worker, environment, assets);
  const supervised = await supervise({
    ...invoked,
    env: { ...secretsOf(worker, task.configuration), ...invoked.env },
    directory,
    inherit: [device.lock.fd],
    guard: device.guard,
    stop: stop.signal,
    hurry: stop.hurry,
    watchers: observation.watchers,
    isSealed: async (signal) => (await checkResult(directory, kind, signal)).state === 'complete',
  });
  if (environment.container) await endContainer(environment.container.engine, invoked.token);
  const held = await vramRestored?.(observation.own);
  await rememberLoad(supervisor.boot, task);

  const isGone = await runDirectory.restore();
  const shortened = await shortenLog(directory);
  const result: ResultCheck = isGone
    ? { state: 'absent' }
    : await withPatience(stop.hurry, (signal) => checkEnded(directory, kind, signal));
  const endedWell = result.state === 'complete' && supervised.exitCode === 0;
  if (!endedWell && supervised.endedBy === 'worker') await stop.soon();
  const ending = { supervised, result, stopCause: stop.cause(), isGone, ...observation.ending() };
  const ownFailure = await failureOf(ending, directory);
  const files = ownFailure ? null : await changesSince(before, wave, task, assets);
  const failure = ownFailure ?? files?.failure ?? observation.disturbed();
  const ended: MeasurementRecord = {
    ...started,
    outcome: failure ? 'failed' : 'measured',
    failure,
    ended_at: new Date().toISOString(),
    ...observation.recorded(supervised.elapsed_s),
    supervision_cpu_s: supervised.supervision_cpu_s,
    findings: [
      ...started.findings,
      ...observation.findings(),
      ...(held ? [heldFinding(limitTexts.vramKept(held))] : []),
      ...(device.lock.isStillHeld() ? [] : [lockLostFinding]),
      ...shortened,
      ...(files?.findings ?? []),
      ...endingFindingsOf(supervised, result),
    ],
    files: 'files' in result ? result.files : [],
  };
  const outcome = await finish(wave, task, directory, ended);
  return supervised.survivors.length > 0 ? { ...outcome, survivors: supervised.survivors } : outcome;
}

const heldFinding = (message: string): Finding => ({ code: 'gpu-memory-held', message });

function notStarted(task: MeasureTask, type: Failure['type'], message: string): Outcome {
  return { success: false, failure: outerFailure(type, message), directory: null, text: `${headOf(task)}: ${message}` };
}

/** Code, data and assets as they are now, by contents; null when a stop came before that was known. */
async function lookAtFiles(
  wave: Wave,
  task: MeasureTask,
  assets: TaskAssets,
): Promise<{ current: CurrentIdentity; changes: AssetChanges } | null> {
  const hashing = hashingIn(wave, task);
  try {
    const changes = await assetChanges(assets, hashing);
    return { changes, current: await currentIdentity(wave.workspaceRoot, task, hashing) };
  } catch (error) {
    if (wave.stop.signal.aborted) return null;
    throw error;
  }
}

/** What became of code, data and assets during a measurement. */
async function changesSince(
  before: CurrentIdentity,
  wave: Wave,
  task: MeasureTask,
  assets: TaskAssets,
): Promise<{ failure: Failure | null; findings: Finding[] }> {
  const failed = (type: Failure['type'], message: string) => ({ failure: outerFailure(type, message), findings: [] });
  const changed = (what: string[]) => failed('changed-during-run', messages.changedDuringRun([...new Set(what)]));
  const found = await lookAtFiles(wave, task, assets).catch((error: unknown) => ({ error }));
  if (found !== null && 'error' in found) {
    // What keeps files from being read, such as too many open ones, is no change of them.
    const isGone = ['ENOENT', 'ENOTDIR', undefined].includes(errorCode(found.error));
    return isGone ? changed([`workers/${task.worker}/worker.json`]) : failed('environment', reasonOf(found.error));
  }
  if (found === null) return failed('interrupted', messages.stoppedHashing(wave.stop.cause()!, [...assets.keys()]));
  const { current, changes } = found;
  const models = changes.changed.map((path) => `contents of ${path}`);
  if (current.digest !== task.digest || models.length > 0)
    return changed([...models, ...differences(before.identity, current.identity)]);
  const files = [...current.written].filter(([path, written]) => before.written.get(path) !== written);
  const written = [...changes.rewritten, ...files.map(([path]) => relative(wave.workspaceRoot, path))];
  return { failure: null, findings: written.length > 0 ? [rewritten(written)] : [] };
}

function endingFindingsOf(supervised: Supervised, result: ResultCheck): Finding[] {
  const { endedBy, exitCode, signal, malformedEvents, unreadEvents } = supervised;
  const findings: Finding[] = [];
  if (result.state === 'complete' && endedBy === 'teardown') findings.push(endingFindings.slowTeardown);
  else if (result.state === 'complete' && exitCode !== 0) findings.push(endingFindings.killedInTeardown(signal));
  if (malformedEvents > 0) findings.push(endingFindings.malformedEvents(malformedEvents));
  if (process.platform === 'linux' && !seesStrays()) findings.push(endingFindings.straysUnseen);
  if (unreadEvents > 0) findings.push(endingFindings.unreadEvents(unreadEvents));
  return findings;
}
