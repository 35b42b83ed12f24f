import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { mergeAt } from '../../../plugins/nx-study/src/base/path.ts';
import { refusalsOf } from '../../../plugins/nx-study/src/constraints/refusals.ts';
import { isForLocked } from '../../../plugins/nx-study/src/constraints/table.ts';
import type { MachineFacts } from '../../../plugins/nx-study/src/machine/compute.ts';
import { configChecker } from '../../../plugins/nx-study/src/worker/config.ts';
import type { Rule } from '../../../plugins/nx-study/src/worker/constraints.ts';
import type { Worker } from '../../../plugins/nx-study/src/worker/manifest.ts';
import { proseOf } from '../../helpers/docs.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const root = join(import.meta.dirname, '../../..');
const workers = await readWorkers(root);
const tables = [...workers.values()].flatMap((worker) =>
  worker.constraints ? [{ worker, ...worker.constraints }] : [],
);

const writtenOf = (worker: Worker, settings: JsonObject): JsonObject =>
  mergeAt({ of: worker.constraints!.base }, ['of'], settings)['of'] as JsonObject;

function configurationOf(worker: Worker, settings: JsonObject): JsonObject {
  const { configuration, problems } = configChecker(worker)(writtenOf(worker, settings));
  expect(problems).toEqual([]);
  return configuration;
}

/** The rules that refuse these settings where an example stands; other facts than its own are as they are. */
function refusing(worker: Worker, { examples }: Rule, settings: JsonObject): string[] {
  const written = writtenOf(worker, settings);
  const configuration = configurationOf(worker, settings);
  const machine = { system: 'linux-x64', gpus: null, compute_capability: null, ...examples.machine } as MachineFacts;
  const { model: header, packages } = examples as { model: JsonObject; packages: JsonObject };
  const surroundings = { machine, model: null, header, packages };
  return refusalsOf(worker)({ configuration, written }, surroundings).map(
    ({ message }) => /\(rule `(.+?)`/.exec(message)![1]!,
  );
}

/** Whether `file: function` is in this repository. */
function isPlace(place: string): boolean {
  const [file, name] = place.split(': ') as [string, string];
  return readFileSync(join(root, file), 'utf8').includes(name);
}

test('the workers with an engine have a table', () => {
  expect(tables.map(({ worker }) => worker.name)).toEqual([
    'llama-cpp',
    'sglang',
    'tensorrt-llm',
    'transformers',
    'vllm',
  ]);
});

describe.each(tables)('$worker.name', ({ worker, rules }) => {
  test('has rules for the versions in its locks, each with an id of its own', () => {
    expect(isForLocked(worker.constraints!, worker.name)).toBe(true);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  test('stands in its page, with what the engine alone does and the version with which that was seen', () => {
    const rows = proseOf(`workers/${worker.name}/README.md`).matchAll(
      /^\| `([a-z0-9-]+)` +\|.*\| ([^|]+?) +\| (\S+) +\|$/gm,
    );
    expect([...rows].map(([, ...cells]) => cells)).toEqual(
      rules.map(({ id, engine: { how = 'refuses it', seen } }) => [id, how, seen ?? '–']),
    );
  });

  test('says where the worker refuses what it refuses, and was seen with a version of its locks', () => {
    expect(rules.flatMap(({ worker: place }) => place ?? []).filter((place) => !isPlace(place))).toEqual([]);
    for (const { engine } of rules) expect([null, ...worker.constraints!.locked]).toContain(engine.seen);
  });

  test('says of what the engine changes with what it runs, which is something else', () => {
    for (const { examples, engine } of rules) {
      const asked = configurationOf(worker, examples.refused);
      for (const [setting, value] of Object.entries(engine.instead ?? {})) expect(asked[setting]).not.toEqual(value);
    }
  });

  test.each(rules)('$id refuses its example, and no rule its neighbour', (rule) => {
    expect(refusing(worker, rule, rule.examples.refused)).toContain(rule.id);
    expect(refusing(worker, rule, rule.examples.accepted)).toEqual([]);
  });
});
