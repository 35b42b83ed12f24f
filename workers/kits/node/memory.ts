import { residentBytes } from './resident.ts';

/** The most memory that this process ever held. */
export const rssPeakBytes = (): number =>
  // maxRSS starts at the size of the parent that forked us; VmHWM is this program's own.
  residentBytes('VmHWM') ?? process.resourceUsage().maxRSS * 1024;
