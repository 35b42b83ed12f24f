import { isJsonObject } from '../base/json.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Row } from '../state/rows.ts';
import { flatten } from './flatten.ts';

type Named = [name: string, value: Json | undefined][];

/** How long each phase took, in s, as `phase.<name>_s`; phases of the same name together. */
export function phasesOf({ stored }: Row): Named {
  const seconds = new Map<string, number | undefined>();
  for (const { phase, elapsed_s } of stored?.record.phases ?? []) {
    const name = `phase.${phase}_s`;
    const before = seconds.has(name) ? seconds.get(name) : 0;
    seconds.set(name, before === undefined || elapsed_s === null ? undefined : before + elapsed_s);
  }
  return [...seconds];
}

/** Versions of the libraries that measured, and of the tools that made their environment, as `version.<name>`. */
export function versionsOf({ stored }: Row): Named {
  const reported = stored?.result?.payload['versions'];
  const versions = { ...stored?.record.environment_versions, ...(isJsonObject(reported) && reported) };
  return Object.entries(versions).map(([name, version]) => [`version.${name}`, version ?? undefined]);
}

/** What is known of the machine, as `machine.<path>`; a fact that could not be found out is empty. */
export function machineOf({ stored }: Row): Named {
  return stored === null ? [] : [...flatten(known(stored.record.machine), 'machine')].map(emptyWhereNull);
}

const emptyWhereNull = ([name, value]: [string, Json]): Named[number] => [name, value ?? undefined];

/** The value alone where a fact is `{"value": …, "reason": …}`. */
function known(facts: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => {
      if (!isJsonObject(fact)) return [name, fact];
      return [name, 'value' in fact && 'reason' in fact ? fact['value']! : known(fact)];
    }),
  );
}
