import { size } from '../base/size.ts';

const EVERY_MS = 5000;

/** Counts bytes, and reports progress and speed every 5 s. */
export function byteProgress(
  what: string,
  total: number,
  report: ((line: string) => void) | undefined,
  before = 0,
): (bytes: number) => void {
  const begin = performance.now();
  let done = before;
  let next = begin + EVERY_MS;
  return (bytes) => {
    done += bytes;
    const now = performance.now();
    if (now < next) return;
    next = now + EVERY_MS;
    const rate = (done - before) / ((now - begin) / 1000);
    report?.(`${what}: ${size(done)} of ${size(total)}, ${size(rate)}/s`);
  };
}
