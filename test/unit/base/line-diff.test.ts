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

test('it holds just what leads from one text to the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before.join() !== after.join());
      const hunks = lineDiff('f', before.join('\n'), after.join('\n')).split('\n').slice(2);
      let [done, result] = [0, [] as string[]];
      for (const line of hunks) {
        const from = /^@@ -(\d+),(\d+) /.exec(line);
        if (from) {
          const start = Number(from[1]) - 1;
          result.push(...before.slice(done, start));
          done = start;
          continue;
        }
        if (line[0] !== '+') expect(line.slice(1)).toBe(before[done++]);
        if (line[0] !== '-') result.push(line.slice(1));
      }
      expect([...result, ...before.slice(done)]).toEqual(after);
    }),
  );
});
