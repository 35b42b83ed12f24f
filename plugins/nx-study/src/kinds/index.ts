import type { Kind } from './kind.ts';
import { llmInference } from './llm-inference/index.ts';
import { posterior } from './posterior/index.ts';
import { values } from './values/index.ts';
import { unknownKind } from './texts.ts';

const kinds: ReadonlyMap<string, Kind> = new Map([posterior, llmInference, values].map((kind) => [kind.name, kind]));

/** The kind of that name. @throws Error that lists the kinds, for an unknown name. */
export function kindOf(name: string): Kind {
  const kind = findKind(name);
  if (!kind) throw new Error(unknownKind(name, [...kinds.keys()]));
  return kind;
}

/** The kind of that name; undefined for an unknown one, as in a record that a newer version wrote. */
export const findKind = (name: string): Kind | undefined => kinds.get(name);

/** The names that a study's `gates` may use, by kind. */
export const gateNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...kinds.values()].map(({ name, gates }) => [name, gates.map((gate) => gate.name)]),
);

/** The names that a study's `report.slo` may use, by kind. */
export const objectiveNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...kinds.values()].map(({ name, objectives }) => [name, objectives]),
);
