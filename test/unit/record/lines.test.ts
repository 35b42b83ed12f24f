import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkResult } from '../../../plugins/nx-study/src/measure/worker/result.ts';
import { withLines } from '../../../plugins/nx-study/src/record/lines.ts';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { temporaryFolder } from '../machine/helpers.ts';

const PATH = 'files/list.jsonl';

/** A run directory with such a file, and the result that names it. */
function written(content: string | null, payload: JsonObject, path = PATH) {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'files'));
  if (content !== null) writeFileSync(join(directory, path), content);
  const sha256 = createHash('sha256')
    .update(content ?? '')
    .digest('hex');
  const result = { protocol: 1 as const, kind: 'values', partial: false, payload, files: [{ path, sha256 }] };
  return { directory, result, payload: async () => withLines(directory, result) };
}

const list = (count: number, lines = PATH) => ({ lines, count });

test('lists stand in their places, wherever those are', async () => {
  // A line separator of Unicode ends no line, and the last line needs no end.
  const values = [{ a: 'x\u2028y\r', b: [1, 2.5, null] }, 7, 'text', [list(1)]];
  const text = values.map((value) => JSON.stringify(value)).join('\n');
  const payload = { deep: [{ few: [1, 2], list: list(4) }], again: list(4), other: list(4, 'files/other.jsonl') };
  for (const content of [text, `${text}\n`]) {
    const result = await written(content, payload).payload();
    expect(result).toMatchObject({
      payload: { deep: [{ few: [1, 2], list: values }], again: values, other: list(4, 'files/other.jsonl') },
    });
  }
  expect(await written('', { list: list(0) }).payload()).toMatchObject({ payload: { list: [] } });
});

test('lines that are longer than a piece that is read, and many of them', async () => {
  const values = [...Array.from({ length: 3000 }, (_, index) => 'é'.repeat(index)), 'z'.repeat(3e6), 'end'];
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
  expect(await written(text, { list: list(values.length) }).payload()).toMatchObject({ payload: { list: values } });
});

test('without such a file a payload is what it is', async () => {
  const { directory, result } = written('1\n', { list: list(1) });
  const bare = { ...result, files: [] };
  expect(await withLines(directory, bare)).toBe(bare);
});

test.each([
  ['1\n2\n', 3, 'keeps a list of 3 lines in files/list.jsonl, which has only 2'],
  ['1\n2\n', 1, 'keeps a list of 1 lines in files/list.jsonl, which has more'],
  ['1\n{\n', 2, 'keeps a list in files/list.jsonl, whose line 2 is no JSON ('],
  ['1\n\n2', 3, 'keeps a list in files/list.jsonl, whose line 2 is no JSON ('],
])('%j is no list of %d', async (content, count, problem) => {
  const { directory, result, payload } = written(content, { list: list(count) });
  expect(await payload()).toContain(problem);
  writeFileSync(join(directory, 'result.json'), JSON.stringify(result));
  const checked = await checkResult(directory, 'values');
  expect(checked).toMatchObject({ state: 'invalid', problem: expect.stringContaining(`result.json ${problem}`) });
});

test('a file that is gone, or a link', async () => {
  const gone = written(null, { list: list(1) });
  expect(await gone.payload()).toMatch(/^keeps a list in files\/list\.jsonl, which /);
  symlinkSync('/etc/hosts', join(gone.directory, PATH));
  expect(await gone.payload()).toMatch(/^keeps a list in files\/list\.jsonl, which .*link/);
});

test('a kind sees the list', async () => {
  const { directory, result } = written('1\n2\n', { list_count: list(2) });
  writeFileSync(join(directory, 'result.json'), JSON.stringify(result));
  // Of this kind all values are numbers, texts or null.
  expect(await checkResult(directory, 'values')).toMatchObject({
    state: 'invalid',
    problem: expect.stringContaining('list_count'),
  });
});
