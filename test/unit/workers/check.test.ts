import { join } from 'node:path';
import { expect, test } from 'vitest';
import { picked } from '../../../plugins/nx-study/src/base/path.ts';
import { isJsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import type { Json, JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { runCheck } from '../../../plugins/nx-study/src/check/run.ts';
import type { Worker } from '../../../plugins/nx-study/src/worker/manifest.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { treeOf } from '../../helpers/tree.ts';

const repository = join(import.meta.dirname, '../../..');
const workers = await readWorkers(repository);
const inference = [...workers.values()].filter(({ manifest }) => manifest.kind === 'llm-inference');

test.each(inference.map(({ name }) => name))(
  '%s: a dataset and prompts are checked before anything is built, with their place',
  async (name) => {
    const worker = workers.get(name)!;
    const root = await treeOf({
      'day/chats.jsonl': '{"prompt": "a"}\n{"prompt": 3}\n',
      'night/chats.jsonl': '{"prompt": "a"}\n',
      'empty.txt': '\n',
    });
    const file = (folder: string) => join(root, folder, 'chats.jsonl');
    const dataset = (folder: string) => ({ file: file(folder), form: 'prompt', order: 'as-written' });
    const usual = { api: 'completions', tokenizer: null, load: {}, turns: null, workloads: null };
    const of = (changes: JsonObject) =>
      runCheck(repository, worker, {
        ...(name === 'endpoint' && { ...usual, tokenizer: { asset: '/none' } }),
        dataset: null,
        prompts: null,
        ...changes,
      });
    expect(await of({ dataset: dataset('day') })).toEqual({
      state: 'answered',
      schemas: [],
      size: null,
      problems: [
        {
          path: 'dataset.file',
          message: `${file('day')}, line 2: prompt is 3; it must be a text that is not empty`,
          file: file('day'),
          line: 2,
          column: null,
          value: '3',
        },
      ],
    });
    const empty = join(root, 'empty.txt');
    expect(await of({ prompts: empty })).toMatchObject({
      problems: [{ path: 'prompts', message: `${empty}: it has no prompt: write one a line`, file: empty }],
    });
    expect(await of({ dataset: dataset('night') })).toMatchObject({ state: 'answered', problems: [] });
  },
);

/** Files of which no check reads more than the plugin does. */
const UNREAD: Record<string, string> = {
  'endpoint server.files.*': 'of the program that the study starts, in a form that only that knows',
  'pymc requirements': 'of the environment: nx-study reads them with the study',
};

test.each([...workers.keys()])('%s: its check reads every setting that is a file', (name) => {
  const worker = workers.get(name)!;
  const { settings } = worker.manifest.check!;
  const unread = dataFilesOf(worker).filter((path) => {
    // What the check gets of a configuration that has a text there, and nothing else.
    const text = path.reduceRight<Json>((inner, key) => (key === '*' ? [inner] : { [key]: inner }), 'a file');
    return !JSON.stringify(
      picked(
        text,
        settings.map((one) => one.split('.')),
      ),
    ).includes('a file');
  });
  const names = unread.map((path) => `${name} ${path.join('.')}`);
  expect(names.filter((one) => !(one in UNREAD))).toEqual([]);
  expect(names).toEqual(Object.keys(UNREAD).filter((one) => one.startsWith(`${name} `)));
});

/** The paths of settings that may be files of the workspace, by the schema; `*` for positions and names. */
function dataFilesOf({ configSchema }: Worker): string[][] {
  const definitions = configSchema['$defs'] as Json | undefined;
  const below = (schema: Json | undefined, path: string[]): string[][] => {
    if (!isJsonObject(schema)) return [];
    const { $ref, format, properties, additionalProperties, items, anyOf, oneOf, allOf } = schema;
    const named = typeof $ref === 'string' ? /^#\/\$defs\/(.+)$/.exec($ref)?.[1] : undefined;
    return [
      ...(format === 'data-file' || format === 'python-file' ? [path] : []),
      ...(named !== undefined && isJsonObject(definitions) ? below(definitions[named], path) : []),
      ...(isJsonObject(properties)
        ? Object.entries(properties).flatMap(([key, inner]) => below(inner, [...path, key]))
        : []),
      ...[additionalProperties, items].flatMap((inner) => below(inner, [...path, '*'])),
      ...[anyOf, oneOf, allOf].flatMap((all) => (Array.isArray(all) ? all.flatMap((one) => below(one, path)) : [])),
    ];
  };
  return below(configSchema as JsonObject, []);
}

test('files are seen at any depth of a schema', () => {
  expect(dataFilesOf(workers.get('endpoint')!).map((path) => path.join('.'))).toEqual(
    expect.arrayContaining(['dataset.file', 'load.file', 'workloads.*.new_tokens.file', 'server.files.*']),
  );
});
