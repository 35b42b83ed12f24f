import { nxRun } from '../workspace/project.ts';
import { totalOf } from './memory-estimate.ts';
import type { MemoryEstimate } from './memory-estimate.ts';
import type { Available } from '../machine/memory.ts';

/** Why the memory that a measurement needs is not known. */
export const memoryTexts = {
  settings: (path: string) => `the setting ${path} is not of the usual form`,
  sampling: 'the settings chains, tune and draws are not of the usual form',
  device: (device: string) => `the memory of ${device} devices is not read`,
  noGpu: 'nvidia-smi reports no GPU',
  split: 'the layers are divided between host and GPU',
  hostShare: 'how much is taken of the memory of the host is not known',
  shape: 'the synthetic model misses a size',
  notHere: (path: string) => `${path} is not there`,
  notStored: 'the model is not stored, and its compute type is unknown',
  quantisation: (name: string) => `the size of weights quantised by "${name}" is not known`,
  offloaded: 'keys and values lie in the memory of the host',
  cacheType: 'the type of keys and values is not known',
};

/** `needs 12.3 GiB (weights 8.1, KV cache 3.2, …), and 7.9 GiB are available (control group limit)`. */
export function tooLarge(estimate: MemoryEstimate, available: Available, ignored: boolean): string {
  const total = totalOf(estimate);
  const [size, unit] = unitFor(total);
  const terms = estimate.terms.map(({ name, bytes }) => `${name} ${(bytes / size).toFixed(1)}`).join(', ');
  const has = (available.bytes / size).toFixed(1);
  return (
    `needs ${(total / size).toFixed(1)} ${unit} of memory (${terms}), and ${has} ${unit} are available (${available.bound}). ` +
    (ignored
      ? 'It starts all the same: NX_STUDY_IGNORE_MEMORY is set'
      : 'To start it all the same, set NX_STUDY_IGNORE_MEMORY=1')
  );
}

export const notFetched = (asset: string): string => `${asset} is not fetched yet`;

export const notBuilt = (study: string): string =>
  `how large the model is shows once it is built; ${nxRun(study, 'doctor')} builds it, and measures nothing`;

export const unchecked = (reason: string): string => `not known whether it fits into memory: ${reason}`;

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const unitFor = (bytes: number): [number, string] => (bytes < GIB ? [MIB, 'MiB'] : [GIB, 'GiB']);
