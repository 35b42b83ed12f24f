import { watchTexts } from './texts.ts';
import { watchThrottle } from '../../machine/sensors/throttle.ts';
import type { ThrottleWatch } from '../../machine/sensors/throttle.ts';
import type { Neighbours } from '../../plan/types.ts';
import type { Finding, Watch } from '../../record/schema.ts';
import type { Running, Watcher } from './watcher.ts';
import { familyOf } from './family.ts';
import { watchGpus } from './gpu.ts';
import type { GpuWatch } from './gpu.ts';
import { loadMeter } from './load.ts';
import type { LoadMeter } from './load.ts';
import { namesOf, addLoad, nothingSeen, watchOf } from './seen.ts';

export interface NeighbourWatcher extends Watcher {
  /** Right before the start. */
  prepare(): Promise<void>;
  /** Who is none: the processes of the measurement, as far as they were seen. */
  own(): Set<number>;
  /** For the record. */
  result(): Watch;
  findings(): Finding[];
  /** Why the measurement doesn't count, where the study wants it to fail beside neighbours; null otherwise. */
  failure(): string | null;
}

const LOOK_EVERY_S = 5;
// A look reads all of /proc: on machines with thousands of processes they come less often.
const MOST_OF_A_CORE = 1 / 1000;
// The kernel counts in hundredths of a second: less would be mostly rounding.
const LEAST_INTERVAL_S = 0.5;
const SUSTAINED_S = 10;
// What is over sooner says too little about its neighbours.
const LEAST_JUDGED_S = 5;
const MOST_NAMES = 3;
const THROTTLED_MATTERS_S = 0.5;
// Until the last of these phases ends a worker prepares, and its neighbours disturb no number.
const PREPARATION = new Set(['starting', 'importing', 'reading', 'building', 'loading']);

export interface Sensors {
  throttle?: () => ThrottleWatch;
  gpu?: GpuWatch;
  proc?: string;
  /** Seconds. */
  now?: () => number;
}

/** Watches who else uses the machine while a worker measures, and whether the machine is slowed down. */
export function watchNeighbours(limits: Neighbours, hasGpu: boolean, sensors: Sensors = {}): NeighbourWatcher {
  const { proc = '/proc', now = () => performance.now() / 1000, throttle: openThrottle = watchThrottle } = sensors;
  const { cpu_cores, memory_bytes, action } = limits;
  const gpu = sensors.gpu ?? watchGpus(hasGpu);
  const family = familyOf(process.pid, process.ppid, proc);
  const unwatched = process.platform === 'linux' ? null : `${process.platform} is not watched`;
  let running: Running | null = null;
  let meter: LoadMeter | null = null;
  let seen = nothingSeen(openThrottle());
  let phase: string | null = null;
  let lastLook = 0;
  let nextLook = 0;

  const own = () => meter?.own() ?? new Set<number>();
  const isPreparing = () => phase !== null && PREPARATION.has(phase);
  const begin = () => {
    meter = unwatched === null ? loadMeter(family, proc, now) : null;
    seen = nothingSeen(openThrottle());
    gpu.restart();
    lastLook = now();
    nextLook = lastLook + LOOK_EVERY_S;
  };
  const sustained = (): string =>
    watchTexts.neighbourSustained(seen.longest_s, cpu_cores ?? 0, namesOf(seen, MOST_NAMES), stolen());
  const stolen = () => seen.steal.value()?.mean ?? null;
  const look = () => {
    if (meter === null) return;
    const before = process.cpuUsage();
    addLoad(seen, meter.look(), cpu_cores);
    const { user, system } = process.cpuUsage(before);
    lastLook = now();
    nextLook = lastLook + Math.max(LOOK_EVERY_S, (user + system) / 1e6 / MOST_OF_A_CORE);
    if (action === 'fail' && !isPreparing() && seen.longest_s >= SUSTAINED_S)
      running?.end({ type: 'neighbour', message: sustained() });
  };
  const finish = () => {
    if (running !== null && (seen.samples === 0 || now() - lastLook > LEAST_INTERVAL_S)) look();
    running = null;
  };
  const onCpu = (): string | null => {
    const others = seen.disturbance.value();
    if (cpu_cores === null || others === null || seen.seconds < LEAST_JUDGED_S) return null;
    if (others.mean > cpu_cores)
      return watchTexts.neighbourCpu(others.mean, cpu_cores, namesOf(seen, MOST_NAMES), stolen());
    return seen.longest_s >= SUSTAINED_S ? sustained() : null;
  };
  const neighbours = (): string[] => {
    const { value: onGpu } = gpu.result().others;
    return [
      onCpu(),
      memory_bytes !== null && seen.seconds >= LEAST_JUDGED_S && seen.memory_growth > memory_bytes
        ? watchTexts.neighbourMemory(seen.memory_growth, memory_bytes)
        : null,
      onGpu !== null && onGpu.processes > 0 ? watchTexts.neighbourGpu(onGpu) : null,
    ].filter((message) => message !== null);
  };
  const throttled = (): string[] => {
    const cpu_s = seen.throttle.seconds().value ?? 0;
    const gpu_s = gpu.result().throttled_s.value ?? 0;
    return [
      ...(cpu_s >= THROTTLED_MATTERS_S ? [watchTexts.throttledCpu(cpu_s)] : []),
      ...(gpu_s >= THROTTLED_MATTERS_S ? [watchTexts.throttledGpu(gpu_s)] : []),
    ];
  };
  return {
    prepare: () => gpu.prepare(),
    started(it) {
      running = it;
      family.add(it.pid, it.token);
      begin();
    },
    event(event) {
      if (event.event !== 'phase' || event.phase === phase || running === null) return;
      if (isPreparing() && !PREPARATION.has(event.phase)) begin();
      phase = event.phase;
    },
    look() {
      if (running === null) return;
      gpu.look(own);
      if (now() >= nextLook) look();
    },
    sealed: finish,
    ended: finish,
    own,
    result: () => watchOf(seen, gpu.result(), unwatched),
    findings: () => [
      ...neighbours().map((message) => ({ code: 'neighbour', message })),
      ...throttled().map((message) => ({ code: 'throttled', message })),
    ],
    failure: () => (action === 'fail' ? (neighbours()[0] ?? null) : null),
  };
}
