import { expect, test } from 'vitest';
import { openScreen } from '../../../../plugins/nx-study/src/commands/status/screen.ts';
import { screenAfter } from './terminal.ts';

const ROWS = 6;
const shown = (draw: (screen: ReturnType<typeof openScreen>) => void, before = '') => {
  let written = before;
  draw(openScreen((text) => (written += text)));
  return screenAfter(written, ROWS, 20);
};
const content = ({ lines }: { lines: string[] }) => lines.filter(Boolean);

test('what is drawn again replaces what was there, also when it is longer or shorter', () => {
  const screen = shown((draw) => {
    draw.draw('one\ntwo\nthree', ROWS, 20);
    draw.draw('1\n2\n3\n4', ROWS, 20);
    draw.draw('a longer line\n22', ROWS, 20);
  }, 'said before\n');
  expect(content(screen)).toEqual(['said before', 'a longer line', '22']);
  expect(screen.isCursorShown).toBe(true);
});

test('at the bottom of a terminal it scrolls once, and nothing is left behind', () => {
  const before = Array.from({ length: 5 }, (_, index) => `line ${index}\n`).join('');
  const screen = shown((draw) => {
    for (const text of ['a\nb\nc', 'd\ne\nf', 'g\nh\ni']) draw.draw(text, ROWS, 20);
  }, before);
  expect(content(screen)).toEqual(['line 3', 'line 4', 'g', 'h', 'i']);
  expect(screen.scrolledOut).toEqual(['line 0', 'line 1', 'line 2']);
});

test('what is higher than the terminal is cut, not scrolled', () => {
  const high = Array.from({ length: 30 }, (_, index) => `${index}`).join('\n');
  const screen = shown((draw) => {
    draw.draw(high, ROWS, 20);
    draw.draw(high, ROWS, 20);
  });
  expect(content(screen)).toEqual(['0', '1', '2', '3', '4']);
  expect(screen.scrolledOut).toEqual([]);
});

test('after a change of width it begins on an empty screen', () => {
  const screen = shown((draw) => {
    draw.draw('wide\nwide\nwide', ROWS, 20);
    draw.draw('narrow', ROWS, 10);
    draw.draw('narrow again', ROWS, 10);
  });
  expect(content(screen)).toEqual(['narrow again']);
});
