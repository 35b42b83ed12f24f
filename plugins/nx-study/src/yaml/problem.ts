import type { Json, JsonObject } from '../base/json.ts';
import type { Text } from '../base/words.ts';

/** A place in the study file: keys and list positions from its root. */
export type Place = readonly (string | number)[];

/** A problem of a study at a place in its file; `issueAt` turns the place into line and column. */
export interface Problem extends Text {
  at: Place;
  /** The key at that place is wrong, rather than its value. */
  key?: boolean;
  value?: Json;
  combination?: JsonObject | null;
  others?: number;
  /** It may follow from another problem of the file, so it is reported only when there is no other. */
  secondary?: boolean;
}
