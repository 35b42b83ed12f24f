import type { Kind } from './kind.ts';
import { llmInference } from './llm-inference/index.ts';
import { posterior } from './posterior/index.ts';
import { values } from './values/index.ts';
import { unknownKind } from './texts.ts';

const kinds: ReadonlyMap<string, Kind> = new Map([posterior, llmInference, values].map((kind) => [kind.name, kind]));

/** The kind of that name; throws for an unknown one. */
export function kindOf(name: string): Kind {
  const kind = findKind(name);
  if (!kind) throw new Error(unknownKind(name, [...kinds.keys()]));
  return kind;
}

/** For records, which a newer version may have written. */
export const findKind = (name: string): Kind | undefined => kinds.get(name);

/** The names that a study's `gates` may use, by kind. */
export const gateNames: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...kinds.values()].map(({ name, gates }) => [name, gates.map((gate) => gate.name)]),
);
