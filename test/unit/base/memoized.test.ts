import { expect, test } from 'vitest';
import { memoized } from '../../../plugins/nx-study/src/base/memoized.ts';

test('each key is made once, also where the value is undefined', () => {
  const asked: string[] = [];
  const made = memoized((key: string) => (asked.push(key), key === 'none' ? undefined : { key }));
  expect(made('a')).toBe(made('a'));
  expect(made('none')).toBe(made('none'));
  made('b');
  expect(asked).toEqual(['a', 'none', 'b']);
});

test('calls at the same time share one promise', async () => {
  let calls = 0;
  const made = memoized(async (key: string) => `${key}${(calls += 1)}`);
  expect(await Promise.all([made('a'), made('a'), made('b')])).toEqual(['a1', 'a1', 'b2']);
});

test('all arguments may make the key', () => {
  const made = memoized(
    (path: string, isLasting: boolean) => [path, isLasting],
    (...args) => JSON.stringify(args),
  );
  expect([made('a', true), made('a', false), made('a', true)]).toEqual([
    ['a', true],
    ['a', false],
    ['a', true],
  ]);
});

test('what throws is asked again', () => {
  let calls = 0;
  const made = memoized((key: string) => {
    if ((calls += 1) === 1) throw new Error(key);
    return calls;
  });
  expect(() => made('a')).toThrow('a');
  expect(made('a')).toBe(2);
});
