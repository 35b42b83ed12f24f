import type { ProcessUsage } from '../../machine/process.ts';
import { watchThrottle } from '../../machine/sensors/throttle.ts';
import type { ThrottleWatch } from '../../machine/sensors/throttle.ts';
import type { Neighbours } from '../../plan/types.ts';
import type { Finding, Watch } from '../../record/schema.ts';
import { ownProcesses } from './own-processes.ts';
import { watchGpus } from './gpu.ts';
import type { GpuWatch } from './gpu.ts';
import { neighboursOf, sustainedText, throttlingOf } from './judge.ts';
import { loadMeter } from './load.ts';
import type { LoadMeter } from './load.ts';
import { nextTime } from './pace.ts';
import { addLoad, nothingSeen, watchOf } from './seen.ts';
import type { Seen } from './seen.ts';
import type { Running, Watcher } from './watcher.ts';

export interface NeighbourWatcher extends Watcher {
  /** Right before the start. */
  prepare(): Promise<void>;
  /** The processes of the measurement, as far as they were seen: they are no neighbours. */
  own(): Set<number>;
  /** For the record. */
  result(): Watch;
  findings(): Finding[];
  /** Why the measurement doesn't count, where the study wants it to fail beside neighbours; null otherwise. */
  failure(): string | null;
}

const SAMPLE_EVERY_S = 5;
// A sample reads all of /proc.
const MOST_OF_A_CORE = 1 / 1000;
// The kernel counts in hundredths of a second: less would be mostly rounding.
const LEAST_INTERVAL_S = 0.5;
// Until the last of these phases ends a worker prepares, and its neighbours disturb no number.
const PREPARATION = new Set(['starting', 'importing', 'reading', 'building', 'loading']);
const isPreparation = (phase: string | null): boolean => phase !== null && PREPARATION.has(phase);

export interface Sensors {
  throttle?: () => ThrottleWatch;
  gpu?: GpuWatch;
  proc?: string;
  /** Seconds. */
  now?: () => number;
}

const unwatched = process.platform === 'linux' ? null : `${process.platform} is not watched`;

/** Watches who else uses the machine while a worker measures, and whether the machine is slowed down. */
export function watchNeighbours(limits: Neighbours, hasGpu: boolean, sensors: Sensors = {}): NeighbourWatcher {
  const { proc = '/proc', now = () => performance.now() / 1000, throttle: openThrottle = watchThrottle } = sensors;
  const gpu = sensors.gpu ?? watchGpus(hasGpu);
  const members = ownProcesses(process.pid, process.ppid, proc);
  let running: Running | null = null;
  let meter: LoadMeter | null = null;
  let begun: Seen | null = null;
  let phase: string | null = null;
  let last_s = 0;
  let next_s = 0;

  const own = () => meter?.own() ?? new Set<number>();
  const seen = () => (begun ??= nothingSeen(openThrottle()));
  const begin = () => {
    meter = unwatched === null ? loadMeter(members, proc, now) : null;
    begun = nothingSeen(openThrottle());
    gpu.restart();
    last_s = now();
    next_s = last_s + SAMPLE_EVERY_S;
  };
  const sample = (processes?: readonly ProcessUsage[]) => {
    if (meter === null) return;
    addLoad(seen(), meter.sample(processes), limits.cpu_cores);
    last_s = now();
    const message = limits.action === 'fail' && !isPreparation(phase) ? sustainedText(seen(), limits) : null;
    if (message !== null) running?.end({ type: 'neighbour', message });
  };
  const sampleLast = (processes?: readonly ProcessUsage[]) => {
    if (running !== null && (seen().samples === 0 || now() - last_s > LEAST_INTERVAL_S)) sample(processes);
  };
  const finish = () => {
    sampleLast();
    running = null;
  };
  const neighbours = () => neighboursOf(seen(), limits, gpu.result());
  return {
    prepare: () => gpu.prepare(),
    started(it) {
      running = it;
      members.add(it.pid, it.token);
      begin();
    },
    event(event) {
      if (event.event !== 'phase' || event.phase === phase || running === null) return;
      if (isPreparation(phase) && !isPreparation(event.phase)) begin();
      phase = event.phase;
    },
    tick() {
      if (running === null) return;
      gpu.sample(own);
      if (now() >= next_s) next_s = nextTime(sample, now(), { every_s: SAMPLE_EVERY_S, share: MOST_OF_A_CORE });
    },
    complete: finish,
    exited: sampleLast,
    ended: finish,
    own,
    result: () => watchOf(seen(), gpu.result(), unwatched),
    findings: () => [...found('neighbour', neighbours()), ...found('throttled', throttlingOf(seen(), gpu.result()))],
    failure: () => (limits.action === 'fail' ? (neighbours()[0] ?? null) : null),
  };
}

const found = (code: string, messages: string[]): Finding[] => messages.map((message) => ({ code, message }));
