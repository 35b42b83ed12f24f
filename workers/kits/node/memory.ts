import { readFileSync } from 'node:fs';

/** The most memory that this process ever held. */
export function rssPeakBytes(): number {
  // maxRSS starts at the size of the parent that forked us; VmHWM is this program's own.
  return linuxPeak() ?? process.resourceUsage().maxRSS * 1024;
}

function linuxPeak(): number | null {
  try {
    const kib = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}
