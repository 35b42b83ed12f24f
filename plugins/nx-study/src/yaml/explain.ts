import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { Problem } from './problem.ts';
import type { Text } from '../base/words.ts';
import { grammarTexts } from './texts.ts';

/** Names that other tools give to keys of ours, as a person may first write them. */
const FOREIGN_KEYS: Record<string, string> = {
  axes: 'Axes stand under `sweep`.',
  matrix: 'Axes stand under `sweep`.',
  grid: 'Axes stand under `sweep`.',
  parameters: 'Axes stand under `sweep`, fixed settings under `base`.',
  engine: 'What measures is the `worker`.',
  backend: 'What measures is the `worker`.',
  model: 'Settings of the worker stand under `base`.',
  task: 'Settings of the worker stand under `base`.',
  name: "A study's name is that of its folder.",
  study_name: "A study's name is that of its folder.",
  cycles: 'Write `repeat: {times: …}`.',
  n_cycles: 'Write `repeat: {times: …}`.',
  repetitions: 'Write `repeat: {times: …}`.',
  order: 'Write `repeat: {order: …}`.',
  study_execution: 'Repetitions stand under `repeat`, pauses and time limits under `execution`.',
  timeout_s: 'Write `execution: {timeout_s: …}`.',
  gap: 'Write `execution: {gap: …}`.',
  include: 'Explicit experiments stand under `experiments`.',
  baseline: 'Write `report: {baseline: …}`.',
};

const HINTS: [pattern: RegExp, hint: string][] = [
  [/^repeat$/, 'Write `repeat: {times: 3}`.'],
  [/^workers$/, 'Write `worker: name`, or `workers: [one, two]`.'],
  [/^worker$/, 'For several workers write `workers: [one, two]`.'],
  [/^sweep\.[^.]+$/, 'An axis is a list of values, such as `[500, 1000]`; a fixed value belongs under `base`.'],
  [/^sweep$/, 'Write axes as `path: [value, value]`.'],
  [/^zip$/, 'Write a list of blocks: `- {one: [1, 2], other: [3, 4]}`.'],
  [/^zip\.\d+\.[^.]+$/, 'A linked axis is a list of values.'],
  [/^variants\.[^.]+\.[^.]+$/, 'A variant is a map of settings; `{}` changes nothing.'],
  [/^variants\.[^.]+$/, 'A group is a map of names to settings.'],
  [/^variants$/, 'Write `group: {name: {setting: value}}`.'],
  [/^(exclude|experiments|expect\.failed)$/, 'Write a list: `- {setting: value}`.'],
  [/^execution\.gap$/, 'Write `gap: {min_s: 10}`.'],
  [/^limits$/, 'Write `limits: {measurements: 200}`.'],
  [/^execution\.stop_after$/, 'Write `stop_after: {same_failure: 3}`.'],
  [/^execution\.retry$/, 'Write `retry: {times: 1}`.'],
  [/^execution\.monotone$/, 'Write a list of settings, such as `[batch_size]`.'],
  [
    /^execution\.slurm\.(workers\.[^.]+\.)?(partition|account|gres|nodelist|constraint|time)$/,
    'Put it in quotes, or YAML takes it for a number.',
  ],
  [/\.(version|commit|sha256)$/, 'Put it in quotes, or YAML takes it for a number.'],
  [/^execution\.until$/, 'Write hours and minutes with two digits each, such as `07:00`.'],
  [/^report\.baseline$/, 'Write a partial configuration, such as `{variants: {group: name}}`.'],
];

/**
 * Turns zod's errors about a study file, or another YAML file of ours, into problems in words.
 * @param foreign - names that other tools give to top-level keys → a hint.
 */
export function explainGrammar(
  error: z.ZodError,
  value: Json,
  schema: z.ZodObject | z.ZodRecord,
  foreign: Record<string, string> = FOREIGN_KEYS,
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const at = issue.path as (string | number)[];
    const found = valueAt(value, at);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        at: [...at, key],
        key: true,
        ...grammarTexts.unknownKey(key, keysAt(schema, at), at.length === 0 ? (foreign[key] ?? null) : null),
      }));
    if (issue.code === 'invalid_type' && found === undefined)
      return [{ at: at.slice(0, -1), ...grammarTexts.missingKey(String(at.at(-1))) }];
    return [{ at, ...(found === undefined ? {} : { value: found }), ...explain(issue, found, at.join('.')) }];
  });
}

function explain(issue: z.core.$ZodIssue, found: Json | undefined, path: string): Text {
  const hint = HINTS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
  if (issue.code === 'invalid_type') {
    // A whole number is needed, and the number has a fraction or is too large.
    if (issue.expected === 'int' && typeof found === 'number') return grammarTexts.outOfRange('a whole number', found);
    return grammarTexts.wrongKind(KINDS[issue.expected] ?? issue.expected, found, hint);
  }
  if (issue.code === 'invalid_value') return grammarTexts.notAmong(issue.values.map(String), found);
  if (issue.code === 'too_small') {
    if (issue.origin === 'array' || issue.origin === 'string')
      return grammarTexts.empty(issue.origin === 'array' ? 'the list' : 'the text');
    return grammarTexts.outOfRange(issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`, found);
  }
  if (issue.code === 'too_big') return grammarTexts.outOfRange(`${issue.maximum.toLocaleString('en')} at most`, found);
  if (issue.code === 'invalid_format') return grammarTexts.wrongForm(issue.message, found, hint);
  return grammarTexts.other(issue.message);
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** The keys that the grammar knows at a place. */
function keysAt(schema: z.ZodType, at: readonly (string | number)[]): string[] {
  let current: unknown = schema;
  for (const step of at) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[String(step)];
    else if (current instanceof z.ZodArray) current = current.element;
    else if (current instanceof z.ZodRecord) current = current.valueType;
    else return [];
  }
  const target = unwrap(current);
  return target instanceof z.ZodObject ? Object.keys(target.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  )
    inner = inner.unwrap();
  return inner;
}
