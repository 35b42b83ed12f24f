import { Unavailable } from '../../kits/node/index.ts';
import type { Expected } from './config.ts';
import type { Identity } from './identify.ts';

/** @throws Unavailable where a server is not the one that a study expects. */
export function refuseAnother(expected: Expected, identity: Identity): void {
  const problems = differences(expected, identity);
  if (problems.length > 0)
    throw new Unavailable(
      `the server is not the expected one, and nothing was measured: ${problems.join('; ')}. Ask the right server, or change server.expect`,
    );
}

/** What a server tells of itself otherwise than a study expects, or doesn't tell; `*` in what is expected stands for anything. */
export function differences(expected: Expected, identity: Identity): string[] {
  const { name, version, model, told = {} } = expected;
  const asked: [string, Value | undefined, (Value | null | undefined)[]][] = [
    ['name', name, [identity.name]],
    ['version', version, [identity.version]],
    ['model', model, namesOfModel(identity)],
    ...Object.entries(told).map(([key, value]): (typeof asked)[number] => [`told.${key}`, value, [identity.told[key]]]),
  ];
  return asked.flatMap(([key, wanted, found]) => {
    if (wanted === undefined || found.some((value) => fits(wanted, value))) return [];
    const known = found.filter((value) => value !== null && value !== undefined);
    const is =
      known.length === 0 ? 'it tells none' : `it tells ${known.map((value) => JSON.stringify(value)).join(', ')}`;
    return [`server.expect.${key} is ${JSON.stringify(wanted)}, but ${is}`];
  });
}

type Value = string | number | boolean;

const MODEL = /(^models (id|root|aliases)$|model_path$|model_alias$|model_id$|model_name$|^api\/tags name$)/;

/** Names of the model, and of its file or folder. */
function namesOfModel({ told }: Identity): string[] {
  const names = Object.entries(told).flatMap(([key, value]) =>
    MODEL.test(key) && typeof value === 'string' ? value : [],
  );
  return [...new Set(names.flatMap((name) => [name, name.split('/').at(-1)!]))];
}

function fits(wanted: Value, value: Value | null | undefined): boolean {
  if (typeof wanted !== 'string') return value === wanted;
  if (value === null || value === undefined) return false;
  const parts = wanted.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(String(value));
}
