import { limitTexts } from '../../errors/limits.ts';
import { nvidiaSmi } from '../../machine/nvidia-smi.ts';
import { gpuMemory } from '../../machine/vram.ts';
import type { GpuMemory } from '../../machine/vram.ts';
import type { Finding } from '../../record/schema.ts';
import { waitForAbort } from '../stop.ts';
import { size } from '../../assets/progress.ts';

/** What the GPUs had free before a worker began; to be asked again when it has ended. */
export interface VramBaseline {
  /** Waits until as much is free again, for some time, and not after a stop; a finding when it isn't. */
  restored(stop: AbortSignal): Promise<Finding | null>;
}

// The driver frees a killed process's memory some seconds later.
const LONGEST_WAIT_S = 30;
const LOOK_MS = 1000;
// Drivers keep some MiB once they were used.
const SLACK_BYTES = 256 * 2 ** 20;

/** null on a machine without NVIDIA GPUs, or where they can't be asked. */
export async function vramBaseline(
  hasGpu: boolean,
  ask = nvidiaSmi(),
  longest_s = LONGEST_WAIT_S,
): Promise<VramBaseline | null> {
  const before = hasGpu ? await gpuMemory(ask) : null;
  if (before === null || before.length === 0) return null;
  return {
    async restored(stop) {
      const begin = performance.now();
      for (;;) {
        const waited_s = (performance.now() - begin) / 1000;
        const held = heldBytes(before, await gpuMemory(ask));
        if (held <= SLACK_BYTES) return null;
        if (waited_s > longest_s)
          return { code: 'gpu-memory-held', message: limitTexts.vramHeld(size(held), waited_s) };
        if (await waitForAbort(stop, LOOK_MS)) return null;
      }
    },
  };
}

function heldBytes(before: GpuMemory[], after: GpuMemory[] | null): number {
  const freeNow = new Map((after ?? []).map(({ uuid, free_bytes }) => [uuid, free_bytes]));
  return before.reduce(
    (sum, { uuid, free_bytes }) => sum + Math.max(0, free_bytes - (freeNow.get(uuid) ?? free_bytes)),
    0,
  );
}
