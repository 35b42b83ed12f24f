import { clock_s } from '../../../kits/node/inference/time.ts';
import { askAt } from '../ask.ts';
import { together } from './gpu-reading.ts';
import type { GpuReading, GpuReadings, GpuValues } from './gpu-reading.ts';
import { streamSmi } from './nvidia-smi.ts';
import { shownAddress } from './page.ts';
import type { NoPage } from './page.ts';
import { poll } from './poll.ts';
import { readSeries } from './prometheus.ts';
import type { Series } from './prometheus.ts';

/** Where it is read: `nvidia-smi` of this machine, a DCGM exporter, or nowhere. */
export type GpuSource = 'host' | URL | NoPage;

/** Watches GPUs until the returned function is called. Never rejects. */
export async function watchGpus(source: GpuSource, period_s: number): Promise<() => Promise<GpuReadings | NoPage>> {
  if (source === 'host') return streamSmi(period_s);
  if ('reason' in source) return async () => source;
  const readings: GpuReading[] = [];
  let failed = 0;
  let reason = '';
  const stop = await poll(period_s, async () => {
    const at_s = clock_s();
    const answer = await askAt(source, { accept: 'text/plain;version=0.0.4' });
    const gpus = answer.text === null ? [] : gpusIn(answer.text);
    if (gpus.length > 0) return void readings.push(together(at_s, gpus));
    failed += 1;
    reason = answer.text === null ? answer.reason : 'it tells nothing of a GPU in the words of DCGM';
  });
  return async () => {
    await stop();
    const shown = shownAddress(source);
    if (readings.length === 0) return { reason: `${shown}: ${reason}` };
    return { source: shown, period_s, failed, readings };
  };
}

/** Fields of NVIDIA's DCGM exporter, and by how much they are multiplied. */
const DCGM: Readonly<Record<string, { key: keyof GpuValues; factor: number }>> = {
  DCGM_FI_DEV_POWER_USAGE: { key: 'power_w', factor: 1 },
  DCGM_FI_DEV_FB_USED: { key: 'memory_bytes', factor: 2 ** 20 },
  DCGM_FI_DEV_GPU_UTIL: { key: 'utilisation_percent', factor: 1 },
  DCGM_FI_DEV_SM_CLOCK: { key: 'sm_clock_mhz', factor: 1 },
};

function gpusIn(text: string): GpuValues[] {
  const gpus = new Map<string, GpuValues>();
  for (const one of readSeries(text, (name) => Object.hasOwn(DCGM, name)) ?? []) {
    const { key, factor } = DCGM[one.name]!;
    const gpu = gpus.get(nameOf(one)) ?? {
      power_w: null,
      memory_bytes: null,
      utilisation_percent: null,
      sm_clock_mhz: null,
    };
    // The parts of a divided GPU each tell its power, and their own memory.
    gpu[key] =
      key === 'memory_bytes' ? (gpu[key] ?? 0) + factor * one.value : Math.max(gpu[key] ?? 0, factor * one.value);
    gpus.set(nameOf(one), gpu);
  }
  return [...gpus.values()];
}

const nameOf = ({ labels }: Series): string => labels['UUID'] ?? `${labels['Hostname'] ?? ''} ${labels['gpu'] ?? ''}`;
