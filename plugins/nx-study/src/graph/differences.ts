import { canonicalJson } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { Identity } from '../record/schema.ts';

/** The differences between two identities, in words, such as `configuration draws: 500 → 1000` or `measuring code`. */
export function differences(before: Identity, after: Identity): string[] {
  const changed = (key: keyof Identity) => canonicalJson(before[key]) !== canonicalJson(after[key]);
  return [
    ...(changed('protocol') ? ['protocol'] : []),
    ...(changed('worker') ? [`worker: ${before.worker} → ${after.worker}`] : []),
    ...leaves(before.configuration, after.configuration, ''),
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
  if (isJsonObject(before) && isJsonObject(after)) return leaves(before, after, 'platform');
  return canonicalJson(before) === canonicalJson(after) ? [] : ['platform'];
}

function leaves(before: Json | undefined, after: Json | undefined, path: string): string[] {
  if (isFileHash(before) && isFileHash(after)) return before.sha256 === after.sha256 ? [] : [`contents of ${path}`];
  if (isUnhashed(after)) return [`contents of ${path}, which are not hashed yet`];
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => leaves(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  const [from, to] = [text(before), text(after)];
  return from === to ? [] : [`${path}: ${from} → ${to}`];
}

const isFileHash = (value: Json | undefined): value is { sha256: Json } =>
  isJsonObject(value) && Object.keys(value).length === 1 && 'sha256' in value;

const isUnhashed = (value: Json | undefined): boolean =>
  isJsonObject(value) && Object.keys(value).length === 1 && 'unhashed' in value;

const text = (value: Json | undefined): string => (value === undefined ? 'not set' : canonicalJson(value));
