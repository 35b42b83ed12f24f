import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messages } from '../errors/measure.ts';
import { endContainer } from '../environment/container.ts';
import type { PreparedEnvironment } from '../environment/prepare.ts';
import { differences } from '../graph/differences.ts';
import type { MeasureTask } from '../graph/task.ts';
import { failedAttempts, partialDirectory } from '../record/attempts.ts';
import { writeJournal } from '../record/journal.ts';
import type { Failure, Finding, Identity, MeasurementRecord } from '../record/schema.ts';
import type { Worker } from '../worker/manifest.ts';
import { changedAssets } from './assets.ts';
import type { TaskAssets } from './assets.ts';
import { invocation, secretsOf } from './command.ts';
import { coolDown, rememberLoad } from './cool-down.ts';
import { failureOf, outerFailure } from './failures.ts';
import { finish } from './finish.ts';
import type { Outcome } from './finish.ts';
import { currentIdentity } from './identity-check.ts';
import { checkMemoryNow } from './memory.ts';
import { recordNotStarted } from './not-started.ts';
import { headOf, showProgress } from './progress.ts';
import { startedRecord } from './record.ts';
import { requestOf } from './request.ts';
import { checkResult } from './result.ts';
import type { ResultCheck } from './result.ts';
import { supervise } from './supervise.ts';
import type { Supervised } from './supervise.ts';
import { timeline } from './timeline.ts';
import type { Device, Wave } from './wave.ts';

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
  const unfit = platformProblem(task, wave.cpus);
  if (unfit !== null) return recordNotStarted(wave, task, outerFailure('platform', unfit));
  const request = requestOf(workspaceRoot, task, environment, assets, cpus);
  const memory = await checkMemoryNow(worker, request.configuration);
  if (memory.state === 'too-large')
    return recordNotStarted(wave, task, outerFailure('skipped', memory.reason), memory.need);
  const cooled = await coolDown(
    task.execution.gap,
    supervisor.boot,
    stop.signal,
    (line) => wave.print(`${headOf(task)}: ${line}`),
    (cooling) => writeJournal(workspaceRoot, task.study, { id: task.id, event: 'cooling', ...cooling }),
  );
  if (stop.signal.aborted) return notStarted(task, 'interrupted', messages.stopped(stop.cause()!));
  const before = await currentIdentity(workspaceRoot, task);
  if (before.digest !== task.digest || (await changedAssets(assets)).length > 0)
    return notStarted(task, 'changed-during-run', messages.staleGraph(task.study));

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
    memory: memory.need,
    findings: memory.findings,
  });
  const directory = partialDirectory(slot, supervisor.boot);
  await mkdir(directory, { recursive: true });
  await mkdir(request.assets_dir, { recursive: true });
  await Promise.all([
    writeFile(join(directory, 'request.json'), `${JSON.stringify(request, null, 2)}\n`),
    // Not synced: after a power cut nothing of a running measurement is worth keeping.
    writeFile(join(directory, 'record.json'), `${JSON.stringify(started, null, 2)}\n`),
  ]);
  await writeJournal(workspaceRoot, task.study, { id: task.id, event: 'started', digest: task.digest });

  const events = timeline();
  const progress = showProgress(task, wave.print);
  const kind = worker.manifest.kind;
  const { measure } = worker.manifest.commands;
  const models = [...assets.values()].map(({ path }) => path);
  const invoked = invocation(workspaceRoot, worker, measure, environment, cpus, { run: directory }, models);
  const supervised = await supervise({
    ...invoked,
    env: { ...secretsOf(worker, task.configuration), ...invoked.env },
    directory,
    inherit: [device.lock.fd],
    limit_s: task.execution.timeout_s,
    guard: device.guard,
    stop: stop.signal,
    onEvent(event) {
      events.add(event);
      progress.event(event);
    },
    onTick: progress.tick,
    isSealed: async () => (await checkResult(directory, kind)).state === 'complete',
  });
  if (environment.container) await endContainer(environment.container, invoked.token);
  await rememberLoad(supervisor.boot);

  const result = await checkResult(directory, kind);
  const endedWell = result.state === 'complete' && supervised.exitCode === 0;
  if (!endedWell && supervised.endedBy === 'worker') await stop.soon();
  const failure =
    (await failureOf(
      {
        supervised,
        result,
        lastPhase: events.lastPhase(),
        reported: events.failure(),
        stopCause: stop.cause(),
        limit_s: task.execution.timeout_s,
      },
      directory,
    )) ?? (await changedFailure(workspaceRoot, task, assets, before.identity));
  const ended: MeasurementRecord = {
    ...started,
    outcome: failure ? 'failed' : 'measured',
    failure,
    ended_at: new Date().toISOString(),
    elapsed_s: supervised.elapsed_s,
    supervision_cpu_s: supervised.supervision_cpu_s,
    phases: events.phases(),
    findings: [...started.findings, ...events.warnings(), ...findingsOf(supervised, result)],
    files: 'files' in result ? result.files : [],
  };
  const outcome = await finish(wave, task, directory, ended);
  return supervised.survivors.length > 0 ? { ...outcome, survivors: supervised.survivors } : outcome;
}

function platformProblem({ cpus, platform }: MeasureTask, allowed: number): string | null {
  if (cpus !== null && cpus > allowed) return messages.tooFewCpus(cpus, allowed);
  return ['any', 'host'].includes(platform) ? null : messages.profile(platform);
}

function notStarted(task: MeasureTask, type: Failure['type'], message: string): Outcome {
  return { success: false, failure: outerFailure(type, message), directory: null, text: `${headOf(task)}: ${message}` };
}

async function changedFailure(
  workspaceRoot: string,
  task: MeasureTask,
  assets: TaskAssets,
  before: Identity,
): Promise<Failure | null> {
  const after = await currentIdentity(workspaceRoot, task).catch(() => null);
  const models = (await changedAssets(assets)).map((path) => `contents of ${path}`);
  if (after?.digest === task.digest && models.length === 0) return null;
  const others = after ? differences(before, after.identity) : [`workers/${task.worker}/worker.json`];
  const what = [...new Set([...models, ...others])];
  return outerFailure('changed-during-run', messages.changedDuringRun(what));
}

function findingsOf(supervised: Supervised, result: ResultCheck): Finding[] {
  const { endedBy, exitCode, signal, malformedEvents } = supervised;
  const findings: Finding[] = [];
  if (result.state === 'complete' && endedBy === 'teardown')
    findings.push({
      code: 'slow-teardown',
      message: 'the worker did not exit after its result was complete, and was ended',
    });
  else if (result.state === 'complete' && exitCode !== 0)
    findings.push({
      code: 'killed-in-teardown',
      message: `the worker was ended by ${signal ?? 'a stop'} after its result was complete`,
    });
  if (malformedEvents > 0)
    findings.push({ code: 'malformed-events', message: `${malformedEvents} lines of events.jsonl were no events` });
  return findings;
}
