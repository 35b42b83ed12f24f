import { extent, ticks, tickStep } from 'd3-array';
import { format } from 'd3-format';
import { scaleLinear, scaleLog } from 'd3-scale';
import { LINE, SMALL_FONT, startOf, widthOf } from './text-size.ts';
import { NOT_FINITE, NOT_GIVEN, NOT_POSITIVE, TOO_LARGE } from './texts.ts';

export type ScaleKind = 'linear' | 'log';

/** What a person says of an axis. */
export interface AxisWords {
  /** What is measured, with its unit. */
  label: string;
  scale?: ScaleKind | undefined;
}

export interface Tick {
  at: number;
  text: string;
}

export interface Axis {
  /** The place of a value in units; a value beyond the axis is at its end. */
  at: (value: number) => number;
  ticks: Tick[];
  domain: readonly [number, number];
}

export interface AxisOptions {
  /** Values that can be drawn; see `reasonNotDrawn`. */
  values: Iterable<number>;
  scale?: ScaleKind | undefined;
  /** Units: where the lowest and the highest value stand. */
  range: readonly [number, number];
  /** Extends a linear axis to round numbers; else it ends at the values. */
  nice?: boolean | undefined;
  upright?: boolean | undefined;
  /** About that many ticks. */
  ticks?: number | undefined;
}

const LARGEST = 1e300;

/** Why a value can't have a place on an axis; null when it can. */
export function reasonNotDrawn(value: number | null | undefined, scale: ScaleKind = 'linear'): string | null {
  if (value === null || value === undefined) return NOT_GIVEN;
  if (!Number.isFinite(value)) return NOT_FINITE;
  if (scale === 'log' && value <= 0) return NOT_POSITIVE;
  if (Math.abs(value) > LARGEST || (scale === 'log' && value < 1 / LARGEST)) return TOO_LARGE;
  return null;
}

export const isDrawn = (value: number | null | undefined, scale?: ScaleKind): value is number =>
  reasonNotDrawn(value, scale) === null;

/** An axis for values: positions, ticks that have room, never of width 0. */
export function axisOf({ values, scale: kind = 'linear', range, nice = true, ...look }: AxisOptions): Axis {
  const domain = widened(extent(values) as [number, number], kind);
  const scale = kind === 'log' ? scaleLog(domain, range) : scaleLinear(domain, range);
  if (nice && kind === 'linear') scale.nice(5);
  scale.clamp(true);
  const [low, high] = scale.domain() as [number, number];
  // The logarithm of what isn't positive is no place: it is beyond the lower end.
  const at = (value: number) => scale(kind === 'log' ? Math.max(value, low) : value);
  return { at, domain: [low, high], ticks: ticksOf({ low, high, kind, at, ...look }) };
}

/** One value, or values that differ by less than doubles resolve well, get an axis around them. */
function widened([low, high]: [number, number], kind: ScaleKind): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(size * 1e-9, 1 / LARGEST)) return [low, high];
  if (kind === 'log') return [low / 1.5, high * 1.5];
  const half = size > 1 / LARGEST ? size * 0.1 : 1;
  return [low - half, high + half];
}

interface TickOptions extends Pick<AxisOptions, 'upright' | 'ticks'> {
  low: number;
  high: number;
  kind: ScaleKind;
  at: (value: number) => number;
}

/** The first choice whose labels stand apart; else the ends' labels of the last one. */
function ticksOf({ low, high, kind, at, upright = false, ticks: wanted = 5 }: TickOptions): Tick[] {
  const counts = Array.from({ length: wanted - 1 }, (_, index) => wanted - index);
  const decades = kind === 'log' && high / low >= 10;
  const choices = decades ? logarithmic(low, high) : counts.map((count) => evenly(low, high, count));
  const placed = choices.map((choice) => choice.map(({ value, text }) => ({ at: at(value), text })));
  const apart = placed.find((choice) =>
    choice.every((tick, index) => index === 0 || clear(choice[index - 1]!, tick, upright)),
  );
  return apart ?? thinned(placed.at(-1)!, upright);
}

interface Labelled {
  value: number;
  text: string;
}

function evenly(low: number, high: number, count: number): Labelled[] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  return ticks(low, high, count).map((value) => ({ value, text: tickText(value, size) }));
}

const plain = format(',.12~r');
const powered = format('.12~e');

/** Ticks are round, so that few of the digits are left; all of an axis have an exponent, or none. */
const tickText = (value: number, size: number) =>
  value === 0 || (size >= 1e-4 && size < 1e7) ? plain(value) : powered(value);

/** Choices from dense to sparse: 1, 2 and 5 of each decade; 1 and 3; the decades; some of them. */
function logarithmic(low: number, high: number): Labelled[][] {
  const scale = scaleLog([low, high], [0, 1]);
  const labelled = (values: readonly number[]) => values.map((value) => ({ value, text: tickText(value, value) }));
  const digit = (value: number) => Number(format('.0e')(value).charAt(0));
  const dense = [[1, 2, 5], [1, 3], [1]].map((digits) =>
    scale.ticks(10).filter((value) => digits.includes(digit(value))),
  );
  const sparse = [5, 4, 3, 2].map((count) => {
    const step = Math.max(1, tickStep(Math.log10(low), Math.log10(high), count));
    return scale.ticks(count).filter((value) => Math.round(Math.log10(value)) % step === 0 && digit(value) === 1);
  });
  return [...dense, ...sparse].filter((values) => values.length > 1).map(labelled);
}

function clear(before: Tick, tick: Tick, upright: boolean): boolean {
  if (upright) return Math.abs(tick.at - before.at) >= LINE;
  const [left, right] = before.at < tick.at ? [before, tick] : [tick, before];
  const end = startOf(left.at, left.text, SMALL_FONT) + widthOf(left.text, SMALL_FONT);
  return startOf(right.at, right.text, SMALL_FONT) - end >= 6;
}

function thinned(all: readonly Tick[], upright: boolean): Tick[] {
  const kept: Tick[] = [];
  for (const tick of all) if (kept.length === 0 || clear(kept.at(-1)!, tick, upright)) kept.push(tick);
  return kept;
}
