import { tooLarge, unchecked } from '../kinds/memory-texts.ts';
import { variantOf } from '../environment/variant.ts';
import type { JsonObject } from '../base/json.ts';
import { findKind } from '../kinds/index.ts';
import { isAbsent } from '../base/known.ts';
import { totalOf } from '../kinds/memory-estimate.ts';
import type { MemoryEstimate } from '../kinds/memory-estimate.ts';
import { nvidiaAccelerators } from '../machine/host.ts';
import { availableMemory } from '../machine/memory.ts';
import type { Available } from '../machine/memory.ts';
import { availableVram, gpuMemory } from '../machine/vram.ts';
import type { GpuMemory } from '../machine/vram.ts';
import type { Finding, MeasurementRecord, MemoryComparison } from '../record/schema.ts';
import type { Worker } from '../worker/manifest.ts';
import type { Size } from '../worker/size.ts';
import { isSet } from '../base/switch.ts';

/** What this machine has free. */
export interface MemoryNow {
  host: Available;
  /** null when there are some, and nothing tells what they have free. */
  gpus: GpuMemory[] | null;
}

export async function memoryNow(): Promise<MemoryNow> {
  return { host: availableMemory(), gpus: nvidiaAccelerators().length > 0 ? await gpuMemory() : [] };
}

/** Whether a measurement can fit. `unchecked` also where its kind or worker says nothing of memory. */
export type MemoryCheck =
  | { state: 'unchecked'; reason: string | null; need: null; findings: Finding[] }
  | { state: 'fits'; reason: null; need: MemoryComparison; findings: Finding[] }
  | { state: 'too-large'; reason: string; need: MemoryComparison; findings: Finding[] };

/** As `checkMemory`, against what is free now; where nothing is to be checked, nothing is looked at. */
export async function checkMemoryNow(
  worker: Worker,
  sized: Sized,
): Promise<MemoryCheck & Pick<MeasurementRecord, 'model'>> {
  const { kind, memory } = worker.manifest;
  const isTold = findKind(kind)?.estimateMemory !== undefined && (memory !== undefined || sized.size !== null);
  if (!isTold) return { ...UNTOLD, model: null };
  const now = await memoryNow();
  return { ...checkMemory(worker, sized, now), model: modelOf(worker, sized, now) };
}

/** What the kind keeps of the model, for the record. */
function modelOf(worker: Worker, { configuration, size }: Sized, now: MemoryNow): MeasurementRecord['model'] {
  const { kind, memory: rule = null } = worker.manifest;
  const gpus = gpusFor(worker, configuration, now);
  const note = findKind(kind)?.describeModel?.({ configuration, rule, gpus, size }) ?? null;
  if (note === null) return null;
  return isAbsent(note) ? { value: null, reason: note.reason } : { value: note, reason: null };
}

/** The GPUs that a configuration may use; null where that isn't known. */
const gpusFor = (worker: Worker, configuration: JsonObject, { gpus }: MemoryNow) =>
  variantOf(worker.manifest.environment, configuration, gpus?.length !== 0) === 'cpu' ? [] : gpus;

/** A measurement by what its memory depends on. */
export interface Sized {
  /** As its worker gets it. */
  configuration: JsonObject;
  /** What the worker's check says of its model; null where it says nothing. */
  size: Size | null;
}

const UNTOLD: MemoryCheck = { state: 'unchecked', reason: null, need: null, findings: [] };

/** Holds what a measurement needs at least against what there is. */
export function checkMemory(worker: Worker, { configuration, size }: Sized, now: MemoryNow): MemoryCheck {
  const { kind, memory: rule = null } = worker.manifest;
  const gpus = gpusFor(worker, configuration, now);
  const need = findKind(kind)?.estimateMemory?.({ configuration, rule, gpus, size }) ?? null;
  if (need === null) return UNTOLD;
  if (isAbsent(need)) {
    const { reason } = need;
    return {
      state: 'unchecked',
      reason,
      need: null,
      findings: [{ code: 'memory-unchecked', message: unchecked(reason) }],
    };
  }
  const available = need.on === 'host' ? now.host : availableVram(gpus ?? [], need.gpus);
  const compared = comparison(need, available);
  if (compared.estimate_bytes <= compared.available_bytes)
    return { state: 'fits', reason: null, need: compared, findings: [] };
  const ignored = ignoresMemory();
  const reason = tooLarge(need, available, ignored);
  return ignored
    ? { state: 'fits', reason: null, need: compared, findings: [{ code: 'memory-ignored', message: reason }] }
    : { state: 'too-large', reason, need: compared, findings: [] };
}

/** Whether what was too large would fit into what is free now. */
export function fitsNow(memory: MemoryComparison | null, { host, gpus }: MemoryNow): boolean {
  if (memory === null) return false;
  const available = memory.gpus === 0 ? host : availableVram(gpus ?? [], memory.gpus);
  return memory.estimate_bytes <= available.bytes;
}

/** Whether a person wants to start what is thought not to fit. */
export const ignoresMemory = (): boolean => isSet(process.env['NX_STUDY_IGNORE_MEMORY']);

function comparison(need: MemoryEstimate, available: Available): MemoryComparison {
  const { gpus, terms, omitted } = need;
  return {
    estimate_bytes: totalOf(need),
    gpus,
    terms,
    omitted,
    available_bytes: available.bytes,
    bound: available.bound,
  };
}
