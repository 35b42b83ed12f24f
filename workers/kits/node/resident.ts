import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Resident memory of this process: VmRSS now, VmHWM the peak; null where there is no /proc. Engines in Node live within
 * the process; its children, such as the compiler that runs TypeScript, are not theirs.
 */
export function residentBytes(field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const kib = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

/** Starts VmHWM anew; false where that isn't allowed. */
export function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}
