import type { AxisWords } from './axis.ts';
import type { Directions } from './pareto.ts';

export interface ScatterPoint {
  name: string;
  x: number | null;
  y: number | null;
  /** Ends of intervals, drawn as bars. */
  xLow?: number | null | undefined;
  xHigh?: number | null | undefined;
  yLow?: number | null | undefined;
  yHigh?: number | null | undefined;
  group?: string | undefined;
  flags?: readonly string[] | undefined;
  /** Why a value is missing. */
  reason?: string | undefined;
  /** The higher, the sooner it is labelled; by default how far it is from the identity, the reference or the middle. */
  weight?: number | undefined;
}

export type DrawnPoint = ScatterPoint & { x: number; y: number };

export interface ScatterPanel {
  title: string;
  detail?: string | undefined;
  x: AxisWords;
  y: AxisWords;
  points: readonly ScatterPoint[];
  /** A line where both quantities are equal; the upright axis takes the scale of the other one. */
  identity?: boolean | undefined;
  /** Values with a dashed line. */
  references?: { x?: readonly number[]; y?: readonly number[] } | undefined;
  /** Which way is better; draws the front. */
  pareto?: Directions | undefined;
  /** How many of the most extreme points are labelled; 8 by default, and the front before them. */
  labelled?: number | undefined;
}
