/** The mean over time and the highest of samples of different length; null before the first. */
export interface Average {
  add(value: number, seconds: number): void;
  value(): { mean: number; max: number } | null;
}

export function average(): Average {
  let sum = 0;
  let seconds = 0;
  let max = 0;
  return {
    add(value, interval_s) {
      sum += value * interval_s;
      seconds += interval_s;
      max = Math.max(max, value);
    },
    value: () => (seconds === 0 ? null : { mean: sum / seconds, max }),
  };
}
