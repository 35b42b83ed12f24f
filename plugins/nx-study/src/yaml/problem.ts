import type { Json, JsonObject } from '../base/json.ts';
import type { Text } from '../base/words.ts';

/** A place in the study file: keys and list positions from its root. */
export type Place = readonly (string | number)[];

/** Something wrong with a study, by its place in the file; reading turns places into lines. */
export interface Problem extends Text {
  at: Place;
  /** The key at that place is wrong, rather than its value. */
  key?: boolean;
  value?: Json;
  combination?: JsonObject | null;
  others?: number;
  /** May be due to another problem of the file; told only where nothing else is wrong. */
  secondary?: boolean;
}
