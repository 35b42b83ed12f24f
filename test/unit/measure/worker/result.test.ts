import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkResult } from '../../../../plugins/nx-study/src/measure/worker/result.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

/** What is made of a result of kind `values` with this payload, as JSON. */
async function check(payload: string) {
  const directory = temporaryFolder();
  writeFileSync(join(directory, 'result.json'), `{"protocol": 1, "kind": "values", "payload": ${payload}}`);
  return checkResult(directory, 'values');
}

it.each([
  ['{"load_s": NaN}', '`payload.load_s`: NaN is no JSON; write null, and why under `reasons`'],
  ['{"load_s": 1e999}', '`payload.load_s`: 1e999 is not a number that can be kept: it would be Infinity'],
  ['{"answer_count": 9007199254740993}', '`payload.answer_count`: 9007199254740993 is not a number that can be kept'],
  ['{"load_s": 1, "load_s": 2}', '`payload.load_s` is there twice; write each key once'],
])('%s is no result', async (payload, problem) => {
  expect(await check(payload)).toMatchObject({ state: 'invalid', problem: expect.stringContaining(problem) });
});

it('numbers that are kept make a result', async () => {
  const result = await check('{"load_s": 0.1234567890123456789, "bytes": 9007199254740992, "none": null}');
  expect(result).toMatchObject({
    state: 'complete',
    result: { payload: { load_s: 0.123_456_789_012_345_68, bytes: 2 ** 53, none: null } },
  });
});
