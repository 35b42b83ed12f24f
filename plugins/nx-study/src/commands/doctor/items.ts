import type { ItemState } from '../../check/doctor-answer.ts';

/** One thing that was looked at. */
export interface Item {
  /** One or two words: `environment`, `server`. */
  item: string;
  state: ItemState;
  /** What was found. */
  message: string;
  /** What to do about it; null where nothing is to be done. */
  next: string | null;
}

export const ok = (item: string, message: string): Item => ({ item, state: 'ok', message, next: null });
export const warning = (item: string, message: string, next: string | null): Item => ({
  item,
  state: 'warning',
  message,
  next,
});
export const fails = (item: string, message: string, next: string | null): Item => ({
  item,
  state: 'fails',
  message,
  next,
});
export const unknown = (item: string, message: string, next: string | null = null): Item => ({
  item,
  state: 'unknown',
  message,
  next,
});

/** Equal answers for several measurements. */
export interface Group extends Item {
  /** Their ids, in the order of the plan; null for what is the same for all of the machine. */
  measurements: string[] | null;
}

/** The answers of measurements with equal ones as one, in the order in which they come first. */
export function grouped(answers: readonly { id: string; items: readonly Item[] }[]): Group[] {
  const groups = new Map<string, Group & { measurements: string[] }>();
  for (const { id, items } of answers)
    for (const one of items) {
      const key = JSON.stringify([one.item, one.state, one.message, one.next]);
      const group = groups.get(key) ?? { ...one, measurements: [] };
      if (!group.measurements.includes(id)) group.measurements.push(id);
      groups.set(key, group);
    }
  const order = [...new Set([...groups.values()].map(({ item }) => item))];
  return [...groups.values()].toSorted((one, other) => order.indexOf(one.item) - order.indexOf(other.item));
}
