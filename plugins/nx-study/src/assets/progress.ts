import { size } from '../base/size.ts';

const EVERY_MS = 5000;

/** Counts bytes, and says every few seconds how far it is and how fast. */
export function byteProgress(
  what: string,
  total: number,
  say: ((line: string) => void) | undefined,
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
    say?.(`${what}: ${size(done)} of ${size(total)}, ${size(rate)}/s`);
  };
}
