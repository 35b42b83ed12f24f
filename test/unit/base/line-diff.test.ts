import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from '../../../plugins/nx-study/src/base/line-diff.ts';

test('a change has three lines around it, and its place', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
  expect(lineDiff('x/y.yaml', before, before.replace('e\n', 'E\n'))).toBe(
    ['--- a/x/y.yaml', '+++ b/x/y.yaml', '@@ -2,7 +2,7 @@', ' b', ' c', ' d', '-e', '+E', ' f', ' g', ' h'].join('\n'),
  );
});

test('changes that are far from each other are shown apart', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  const diff = lineDiff('f', lines.join('\n'), lines.filter((_, index) => index !== 2 && index !== 25).join('\n'));
  expect(diff.match(/^@@.*/gm)).toEqual(['@@ -1,6 +1,5 @@', '@@ -23,7 +22,6 @@']);
});

test('equal texts have no difference', () => expect(lineDiff('f', 'a\n', 'a\n')).toBe(''));

/** What the hunks leave out, take away and add, put together to both texts. */
function bothSides(before: readonly string[], diff: string): { old: string[]; now: string[] } {
  const [old, now]: [string[], string[]] = [[], []];
  for (const line of diff.split('\n').slice(2)) {
    const from = /^@@ -(\d+),/.exec(line);
    const between = from ? before.slice(old.length, Number(from[1]) - 1) : [];
    const text = from ? [] : [line.slice(1)];
    old.push(...between, ...(line.startsWith('+') ? [] : text));
    now.push(...between, ...(line.startsWith('-') ? [] : text));
  }
  const rest = before.slice(old.length);
  return { old: [...old, ...rest], now: [...now, ...rest] };
}

test('it holds just what leads from one text to the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before.join() !== after.join());
      const diff = lineDiff('f', before.join('\n'), after.join('\n'));
      expect(bothSides(before, diff)).toEqual({ old: before, now: after });
    }),
  );
});
