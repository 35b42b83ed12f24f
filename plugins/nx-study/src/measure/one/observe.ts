import { basename } from 'node:path';
import { runningContainer } from '../../environment/leftovers.ts';
import type { Container } from '../../environment/prepared.ts';
import { messages } from '../../state/texts.ts';
import { kindOf } from '../../kinds/index.ts';
import { watchClock } from '../../machine/clock.ts';
import { watchSuspension } from '../../machine/suspension.ts';
import type { Failure, Finding, MeasurementRecord } from '../../record/schema.ts';
import type { Telemetry } from '../../record/telemetry.ts';
import type { Begun } from './begin.ts';
import { noteLoad } from '../cooling/last-load.ts';
import { outerFailure } from '../../state/failures.ts';
import { earlierTimesOfInput, timeLimits } from '../limits/defaults.ts';
import { watchMemory } from '../limits/memory.ts';
import { watchTime } from '../limits/time.ts';
import { showProgress } from '../worker/progress.ts';
import { timeline } from '../worker/timeline.ts';
import { watchNeighbours } from '../watch/neighbours.ts';
import { watchTelemetry } from '../watch/telemetry.ts';
import type { Watcher } from '../watch/watcher.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { Ending } from '../worker/failure.ts';

/** All watchers of one running measurement, and what they report once it has ended. */
export interface Observation {
  watchers: Watcher[];
  /** Evidence of why it failed, if it did. */
  ending(): Pick<Ending, 'lastPhase' | 'reported' | 'outOfMemory'>;
  /** Set when neighbours disturbed it, and the study doesn't accept that. */
  disturbed(): Failure | null;
  findings(): Finding[];
  /** The processes that belong to it, also those that outlived the worker. */
  own(): Set<number>;
  /** What of it stands in the record; `elapsed_s` is by a clock that may count a suspension. */
  recorded(elapsed_s: number): Pick<MeasurementRecord, 'elapsed_s' | 'suspended_s' | 'phases' | 'watch'>;
  telemetry(): Promise<Telemetry>;
}

/** Makes all watchers of a job; call it right before its worker starts. */
export async function observe(begun: Omit<Begun, 'device'>): Promise<Observation> {
  const { batch, task, worker, environment, assets, runDirectory, before } = begun;
  const { workspaceRoot, supervisor, hasGpu, print } = batch;
  const { neighbours } = task.execution;
  const modelBytes = [...assets.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const history = await earlierTimesOfInput(workspaceRoot, task, before.identity);
  const limits = timeLimits(task, kindOf(worker.manifest.kind), history, modelBytes);

  const events = timeline();
  const progress = showProgress(task, print);
  const suspension = watchSuspension();
  const clock = watchClock();
  const awake_s = () => performance.now() / 1000 - suspension.counted_s();
  const time = watchTime(limits, (line) => print(`${prefixOf(task)}: ${line}`), awake_s);
  const memory = memoryOf(begun);
  const others = watchNeighbours(neighbours, hasGpu);
  const telemetry = watchTelemetry({
    directory: runDirectory.path,
    hasGpu,
    inContainer: environment.container?.isApart ?? false,
  });
  await others.prepare();
  return {
    watchers: [
      suspension,
      clock,
      { event: events.add },
      progress,
      time,
      memory,
      others,
      telemetry,
      noteLoad(supervisor.boot, task),
    ],
    ending: () => ({ lastPhase: events.lastPhase(), reported: events.failure(), outOfMemory: memory.killed() }),
    disturbed() {
      const message = others.failure();
      return message === null ? null : outerFailure('neighbour', message);
    },
    own: others.own,
    telemetry: telemetry.result,
    findings: () => [
      ...events.warnings(),
      ...time.findings(),
      ...memory.findings(),
      ...others.findings(),
      ...suspensionFindings(suspension.suspended_s()),
      ...clockFindings(clock.set_s()),
    ],
    recorded: (elapsed_s) => ({
      elapsed_s: elapsed_s - suspension.counted_s(),
      suspended_s: suspension.suspended_s(),
      phases: events.phases({ isClockSet: clock.set_s() !== 0 }),
      watch: others.result(),
    }),
  };
}

/** Watches the memory of its worker; where that is in a container of its engine, its limit is the engine's. */
function memoryOf({ batch, task, environment: { container } }: Pick<Begun, 'batch' | 'task' | 'environment'>) {
  const followed = (one: Container) => ({
    name: basename(one.engine),
    find: (token: string) => runningContainer(one, token),
  });
  return watchMemory({
    limit_bytes: task.execution.memory_limit_bytes,
    container: container?.isApart === true ? followed(container) : null,
    inJob: batch.supervisor.job !== undefined,
  });
}

const suspensionFindings = (seconds: number): Finding[] =>
  seconds > 0 ? [{ code: 'suspended', message: messages.suspended(seconds) }] : [];

const clockFindings = (seconds: number): Finding[] =>
  seconds === 0 ? [] : [{ code: 'clock-set', message: messages.clockSet(seconds) }];
