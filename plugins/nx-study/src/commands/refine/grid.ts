import type { ServerMode } from '../../page/llm/texts.ts';

/**
 * At most so many loads strictly between two others, in ascending order. Users at once are whole numbers and by equal
 * factors from each other, rates by equal steps, with two digits of the step.
 */
export function loadsBetween(mode: ServerMode, [low, high]: readonly [number, number], most: number): number[] {
  const shares = Array.from({ length: most }, (_, index) => (index + 1) / (most + 1));
  const loads = mode === 'closed-loop' ? shares.map((share) => wholeAt(low, high, share)) : rates(low, high, most);
  return [...new Set(loads)].filter((load) => load > low && load < high).toSorted((one, other) => one - other);
}

/** Twice a load, or half of it; null where there is none below one user. */
export const twice = (load: number): number => 2 * load;
export function half(mode: ServerMode, load: number): number | null {
  if (mode === 'open-loop') return Number((load / 2).toPrecision(3));
  return load > 1 ? Math.floor(load / 2) : null;
}

// The whole number that is nearest may be an end of a narrow bracket.
function wholeAt(low: number, high: number, share: number): number {
  const load = Math.round(low * (high / low) ** share);
  return Math.min(high - 1, Math.max(low + 1, load));
}

function rates(low: number, high: number, most: number): number[] {
  const step = (high - low) / (most + 1);
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(step))));
  return Array.from({ length: most }, (_, index) => Number((low + (index + 1) * step).toFixed(decimals)));
}
