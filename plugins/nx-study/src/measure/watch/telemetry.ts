import { constants, closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { reasonOf } from '../../base/reason.ts';
import { hashWithin } from '../../machine/hash-regular.ts';
import { openRegularSync } from '../../machine/regular-file.ts';
import { streamGpus } from '../../machine/sensors/nvidia-stream.ts';
import type { GpuSample, GpuStream } from '../../machine/sensors/nvidia-stream.ts';
import { treeMemory } from '../../machine/tree-memory.ts';
import { TELEMETRY_FILE } from '../../record/telemetry.ts';
import type { Telemetry } from '../../record/telemetry.ts';
import { hostSensors } from './host-sensors.ts';
import type { Readings } from './host-sensors.ts';
import { nextTime } from './pace.ts';
import type { Pace } from './pace.ts';
import { seriesOf } from './series.ts';
import { telemetryTexts as texts } from './texts.ts';
import type { Watcher } from './watcher.ts';

export interface TelemetryWatcher extends Watcher {
  /** For the record, once the worker has ended. */
  result(): Promise<Telemetry>;
}

interface Options {
  /** The run directory. */
  directory: string;
  hasGpu: boolean;
  /** Whether the worker's processes can't be seen from here. */
  inContainer: boolean;
  /** Opened once the worker has started: their first reading is since then. */
  openSensors?: () => () => Readings;
  gpus?: () => GpuStream;
  pace?: Pace;
  /** Seconds of a steady clock. */
  now?: () => number;
}

const PACE: Pace = { every_s: 1, share: 1 / 500 };
// A tick may come a little early.
const TOLERANCE_S = 0.1;

/** Samples power, clocks, temperatures and memory once a second while a worker runs, into a file of its run directory. */
export function watchTelemetry(options: Options): TelemetryWatcher {
  const { directory, hasGpu, inContainer, openSensors = hostSensors, gpus = streamGpus, pace = PACE } = options;
  const now = options.now ?? (() => performance.now() / 1000);
  const series = seriesOf();
  const file = lineFile(join(directory, TELEMETRY_FILE));
  let sensors: (() => Readings) | null = null;
  let stream: GpuStream | null = null;
  let readWorker: (() => Known<number>) | null = null;
  let begin_s = 0;
  let next_s = 0;

  const sample = () => {
    const readings: Readings = {
      ...sensors!(),
      worker_memory_bytes: readWorker!(),
      ...gpuReadings(stream?.latest() ?? { value: null, reason: texts.noGpu }),
    };
    const elapsed_s = now() - begin_s;
    file.add({ t: Date.now() / 1000, elapsed_s: rounded(elapsed_s), ...series.add(elapsed_s, readings) });
  };
  return {
    started({ pid }) {
      begin_s = now();
      sensors = openSensors();
      const tree = treeMemory(pid);
      readWorker = () => (inContainer ? { value: null, reason: texts.inContainer } : known(tree.read()));
      if (hasGpu) stream = gpus();
    },
    tick() {
      if (readWorker === null || now() < next_s - TOLERANCE_S) return;
      next_s = nextTime(sample, now(), pace);
    },
    ended() {
      stream?.close();
      stream = null;
      readWorker = null;
      file.close();
    },
    async result() {
      const { bytes, problem } = file.written();
      const kept = problem ?? (bytes === 0 ? texts.noSample : await hashed(directory, bytes));
      const { missing, ...summary } = series.summary();
      return typeof kept === 'string'
        ? { file: null, ...summary, missing: { file: kept, ...missing } }
        : { file: kept, ...summary, missing };
    },
  };
}

function gpuReadings(gpus: Known<GpuSample[]>): Readings {
  if (gpus.value === null) return { gpu: gpus };
  const readings = gpus.value.flatMap((gpu) =>
    OF_GPU.map((name): [string, Known<number>] => {
      const value = gpu[name];
      return [`gpu${gpu.index}_${name}`, value === null ? { value: null, reason: texts.notGiven } : known(value)];
    }),
  );
  return Object.fromEntries(readings);
}

const OF_GPU = ['power_w', 'sm_clock_mhz', 'memory_clock_mhz', 'celsius', 'memory_used_bytes'] as const;

/** The file as it lies there; text where it is not the one that was written. */
async function hashed(directory: string, bytes: number): Promise<NonNullable<Telemetry['file']> | string> {
  try {
    const found = await hashWithin(directory, TELEMETRY_FILE);
    return found.bytes === bytes ? { path: TELEMETRY_FILE, ...found } : texts.altered;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Appends lines to a new file; after the first error nothing more. */
function lineFile(path: string) {
  let fd: number | null = null;
  let bytes = 0;
  let problem: string | null = null;
  return {
    add(line: object) {
      if (problem !== null) return;
      try {
        fd ??= openRegularSync(
          path,
          constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND,
          0o666,
        );
        bytes += writeSync(fd, `${JSON.stringify(line)}\n`);
      } catch (error) {
        problem = reasonOf(error);
      }
    },
    written: () => ({ bytes, problem }),
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

const rounded = (seconds: number): number => Number(seconds.toFixed(3));
