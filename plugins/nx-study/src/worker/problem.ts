import type { Json, JsonObject } from '../base/json.ts';
import type { Place } from '../yaml/problem.ts';
import type { Text } from '../base/words.ts';

/** A configuration as its worker sees it. */
export interface Checked {
  /** With the worker's defaults. */
  configuration: JsonObject;
  /** Where it holds data files. */
  dataFiles: string[][];
  /** Those of them whose imports count, too. */
  pythonFiles: string[][];
  /** Where it names assets. */
  assets: string[][];
  problems: ConfigProblem[];
}

export interface ConfigProblem extends Text {
  /** In the configuration; of the map around it when something is missing. */
  path: Place;
  value?: Json;
  /** The key at `path` is wrong, rather than its value. */
  key?: boolean;
  /** Something isn't there. */
  missing?: boolean;
  /** A mistake in any combination, which `invalid: skip` doesn't hide. */
  always?: boolean;
  /** The engine would refuse it, which a study may expect. */
  byEngine?: boolean;
}
