import { canonicalJson } from '../base/canonical.ts';
import { posix } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import { isJsonObject } from '../base/json.ts';
import type { Identity } from '../record/schema.ts';

/**
 * The differences between two identities, in words, such as `draws: 500 → 1000` or `measuring code`.
 * @param configuration - of the later one, for the names of its Python files; without it they have those of their settings.
 */
export function differences(before: Identity, after: Identity, configuration: JsonObject = {}): string[] {
  const changed = (key: keyof Identity) => canonicalJson(before[key]) !== canonicalJson(after[key]);
  return [
    ...(changed('protocol') ? ['protocol'] : []),
    ...(changed('worker') ? [`worker: ${before.worker} → ${after.worker}`] : []),
    ...leaves(before.configuration, after.configuration, '', configuration),
    ...(changed('code') ? ['measuring code'] : []),
    ...environments(before.environment, after.environment),
    ...platforms(before.platform, after.platform),
    ...(changed('cpus') ? [`cpus: ${before.cpus ?? 'any'} → ${after.cpus ?? 'any'}`] : []),
    ...(changed('env') ? ['passed environment variables'] : []),
    ...(changed('repetition') ? ['repetition'] : []),
    ...(changed('seed') ? [`seed: ${before.seed} → ${after.seed}`] : []),
    ...(changed('take') ? [`take: ${before.take} → ${after.take}`] : []),
  ];
}

/** An environment that is Node alone has its major version in place of a hash. */
function environments(before: string | null, after: string | null): string[] {
  if (before === after) return [];
  const isNode = [before, after].every((one) => one === null || one.startsWith('node '));
  return [
    isNode
      ? `Node: ${before?.slice(5) ?? 'not recorded'} → ${after?.slice(5) ?? 'not recorded'}`
      : 'locked dependencies',
  ];
}

function platforms(before: Json, after: Json): string[] {
  if (isJsonObject(before) && isJsonObject(after)) return leaves(before, after, 'platform', {});
  return canonicalJson(before) === canonicalJson(after) ? [] : ['platform'];
}

function leaves(before: Json | undefined, after: Json | undefined, path: string, configuration: JsonObject): string[] {
  if (isPython(before) && isPython(after)) return pythonChanges(before, after, path, configuration);
  if (isFileHash(before) && isFileHash(after)) return before.sha256 === after.sha256 ? [] : [`contents of ${path}`];
  if (isUnhashed(after)) return [`contents of ${path}, which are not hashed yet`];
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => leaves(before[key], after[key], path === '' ? key : `${path}.${key}`, configuration));
  }
  const [from, to] = [text(before), text(after)];
  return from === to ? [] : [`${path}: ${from} → ${to}`];
}

type PythonHash = { sha256: Json; modules: JsonObject };

const isPython = (value: Json | undefined): value is PythonHash =>
  isJsonObject(value) && Object.keys(value).length === 2 && 'sha256' in value && isJsonObject(value['modules']);

function pythonChanges(before: PythonHash, after: PythonHash, path: string, configuration: JsonObject): string[] {
  const file = valueAt(configuration, path);
  const nameOf = (module: string) => (typeof file === 'string' ? posix.join(posix.dirname(file), module) : module);
  const imports = `which ${typeof file === 'string' ? file : path} imports`;
  const modules = [...new Set([...Object.keys(before.modules), ...Object.keys(after.modules)])].toSorted();
  return [
    ...(before.sha256 === after.sha256 ? [] : [`contents of ${path}`]),
    ...modules
      .filter((module) => before.modules[module] !== after.modules[module])
      .map((module) => {
        if (!(module in before.modules)) return `${nameOf(module)}, ${imports} now`;
        return module in after.modules ? `${nameOf(module)}, ${imports}` : `${nameOf(module)}, ${imports} no more`;
      }),
  ];
}

const isFileHash = (value: Json | undefined): value is { sha256: Json } =>
  isJsonObject(value) && Object.keys(value).length === 1 && 'sha256' in value;

const isUnhashed = (value: Json | undefined): boolean =>
  isJsonObject(value) && Object.keys(value).length === 1 && 'unhashed' in value;

const text = (value: Json | undefined): string => (value === undefined ? 'not set' : canonicalJson(value));
