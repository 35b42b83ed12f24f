import { z } from 'zod';
import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import type { Comparable } from './comparable.ts';
import { compareReasons } from './texts.ts';
import { sum } from '../../../base/sum.ts';

/** One item, such as a legislator, on the common scale. */
export interface Position {
  /** Its id. */
  item: string;
  name: string;
  /** Such as its party. */
  group: string;
  /** Posterior mean. */
  mean: number;
  sd: number | null;
  mcse: number | null;
}

const summarySchema = z.looseObject({
  mean: z.number().nullable(),
  sd: z.number().nullable(),
  mcse_mean: z.number().nullable().default(null),
});

const sectionSchema = z.looseObject({
  positions: z
    .array(z.looseObject({ legislator: z.string(), name: z.string(), party: z.string(), aligned: summarySchema }))
    .min(1),
  /** Diagnostics of all aligned positions. */
  aligned: z.looseObject({ rhat_max: z.number().nullable().default(null) }).optional(),
});

export interface Positions {
  list: Position[];
  /** Of the worst position; null where it isn't known. */
  rhat_max: number | null;
}

/** The aligned positions in the first derived section that has a list of them. */
export function positionsOf({ label, derived }: Comparable): Positions | Absent {
  const sections = z.record(z.string(), z.unknown()).safeParse(derived['sections']).data ?? {};
  for (const section of Object.values(sections)) {
    const { data } = sectionSchema.safeParse(section);
    if (!data) continue;
    const list = data.positions.flatMap(({ legislator, name, party, aligned: { mean, sd, mcse_mean } }) =>
      mean === null ? [] : [{ item: legislator, name, group: party, mean, sd, mcse: mcse_mean }],
    );
    if (list.length < data.positions.length) return absent(compareReasons.notAligned(label));
    const twice = list.find(({ item }, index) => list.findIndex((other) => other.item === item) < index);
    if (twice !== undefined) return absent(compareReasons.twice(label, twice.item));
    return { list, rhat_max: data.aligned?.rhat_max ?? null };
  }
  return absent(compareReasons.noPositions(label));
}

/** Pearson's correlation, or why there is none. */
export function correlation(pairs: readonly (readonly [number, number])[]): number | Absent {
  if (pairs.length < 3) return absent(compareReasons.tooFew(pairs.length));
  const [a, b] = [centered(pairs.map(([x]) => x)), centered(pairs.map(([, y]) => y))];
  const size = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  return size > 0 ? Math.max(-1, Math.min(1, dot(a, b) / size)) : absent(compareReasons.noVariation);
}

function centered(values: readonly number[]): number[] {
  const mean = sum(values) / values.length;
  return values.map((value) => value - mean);
}

const dot = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);
