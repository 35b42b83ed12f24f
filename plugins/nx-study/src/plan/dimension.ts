import type { JsonObject } from '../base/json.ts';
import type { Place } from '../yaml/problem.ts';
import type { Setting } from './scope.ts';

/** Something that varies: an axis, a block of linked axes, or a group of variants. Dimensions are crossed. */
export interface Dimension {
  /** As a person reads it: `tune`, `prompt_tokens + new_tokens`, `beta-prior`. */
  name: string;
  kind: 'sweep' | 'zip' | 'variants';
  at: Place;
  choices: Choice[];
}

/** One alternative of a dimension. */
export interface Choice {
  settings: Setting[];
  /** Axis path → value, or group → name. */
  varied: JsonObject;
  /** The variant's name; null for axes. */
  variant: string | null;
}
