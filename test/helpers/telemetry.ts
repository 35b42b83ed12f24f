import { parseSample } from '../../plugins/nx-study/src/machine/sensors/nvidia-stream.ts';
import type { Readings } from '../../plugins/nx-study/src/measure/watch/host-sensors.ts';
import { watchTelemetry } from '../../plugins/nx-study/src/measure/watch/telemetry.ts';
import type { TelemetryWatcher } from '../../plugins/nx-study/src/measure/watch/telemetry.ts';
import { known } from '../../plugins/nx-study/src/base/known.ts';

export interface Sampled {
  /** The run directory, which exists. */
  directory: string;
  /** What the sensors of the host say, a second apart. */
  readings: readonly Readings[];
  /** What nvidia-smi says each time; none: there is no GPU. */
  gpuLines?: readonly string[];
  inContainer?: boolean;
}

/** The watcher of a worker that has ended: `telemetry.jsonl` is written. The process that is watched is this one. */
export function sampled({ directory, readings, gpuLines = [], inContainer = false }: Sampled): TelemetryWatcher {
  let now = 100;
  const [left, lines] = [[...readings], [...gpuLines]];
  const watch = watchTelemetry({
    directory,
    hasGpu: gpuLines.length > 0,
    inContainer,
    now: () => now,
    pace: { every_s: 1, share: 1 },
    openSensors: () => () => left.shift()!,
    gpus: () => ({ latest: () => known([parseSample(lines.shift()!)!]), close: () => {} }),
  });
  watch.started!({ pid: process.pid, token: 'token', end: () => {} });
  for (const _ of readings) {
    now += 1;
    watch.tick!();
  }
  watch.ended!();
  return watch;
}
