/** Seconds on a monotonic clock that begins with the process: all stamps of a result. */
export const clock_s = (): number => performance.now() / 1000;

/** To µs, µJ, µW: for the result, never before. */
export const round = (value: number): number => Math.round(value * 1e6) / 1e6;
