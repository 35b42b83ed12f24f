import { expect, test } from 'vitest';
import { absent } from '../../../plugins/nx-study/src/base/known.ts';
import { derivedOf } from '../../../plugins/nx-study/src/kinds/evidence.ts';
import { derivedSchema } from '../../../plugins/nx-study/src/kinds/posterior/schema.ts';

const failedWith = (message: string | null) => ({
  result: null,
  derived: { outcome: 'failed', payload: null, message } as never,
});

test.each([
  [
    'exit code 1\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: no rows\n',
    'exit code 1, ValueError: no rows',
  ],
  ['exit code 1', 'exit code 1'],
  [null, 'no message'],
])('why deriving failed is one line: %j', (message, words) => {
  expect(derivedOf(failedWith(message), derivedSchema)).toEqual(absent(`deriving failed: ${words}`));
});
