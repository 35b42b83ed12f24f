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

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people: `98.4 MB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? Math.round(value) : value.toPrecision(3)} ${UNITS[power]}`;
}
