const CONTEXT = 3;

interface Line {
  mark: ' ' | '-' | '+';
  text: string;
}

/** How a file changes, line by line in the unified form of `diff -u`; empty where nothing does. */
export function lineDiff(file: string, before: string, after: string): string {
  const lines = compared(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines).map(([from, to]) => hunkText(lines, from, to));
  return hunks.length === 0 ? '' : [`--- a/${file}`, `+++ b/${file}`, ...hunks].join('\n');
}

const linesOf = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

/** The longest common subsequence of what lies between the common beginning and end. */
function compared(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j]!;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ mark: ' ', text: before[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1)))
      lines.push({ mark: '-', text: before[i++]! });
    else lines.push({ mark: '+', text: after[j++]! });
  }
  return lines;
}

/** First and last line of each hunk, the last one excluded. */
function hunksOf(lines: readonly Line[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)];
    const last = hunks.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

function hunkText(lines: readonly Line[], from: number, to: number): string {
  const count = (part: readonly Line[], mark: string) =>
    part.filter((line) => line.mark === ' ' || line.mark === mark).length;
  const [earlier, shown] = [lines.slice(0, from), lines.slice(from, to)];
  const range = (mark: string) => `${count(earlier, mark) + 1},${count(shown, mark)}`;
  return [`@@ -${range('-')} +${range('+')} @@`, ...shown.map(({ mark, text }) => `${mark}${text}`)].join('\n');
}
