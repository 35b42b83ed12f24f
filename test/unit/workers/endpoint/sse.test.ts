import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventReader } from '../../../../workers/endpoint/src/sse.ts';

/** Feeds pieces at times 0, 1, 2, …; each event with its time, as `[time, data]` or `[time, name, data]`. */
function read(pieces: string[]) {
  const found: (string | number)[][] = [];
  const reader = eventReader(({ name, data, time_s, isCut }) =>
    found.push([time_s, ...(name ? [name] : []), data, ...(isCut ? ['cut'] : [])]),
  );
  for (const [time_s, piece] of pieces.entries()) reader.feed(piece, time_s);
  reader.end();
  return found;
}

test.each([
  [
    'line feeds',
    ['data: a\n\ndata: b\n\n'],
    [
      [0, 'a'],
      [0, 'b'],
    ],
  ],
  [
    'carriage returns with line feeds, cut between them',
    ['data: a\r\n\r', '\ndata: b\r', '\n\r\n'],
    [
      [0, 'a'],
      [1, 'b'],
    ],
  ],
  [
    'carriage returns alone: an event does not wait for the next one',
    ['data: a\r\r', 'data: b\r\r'],
    [
      [0, 'a'],
      [1, 'b'],
    ],
  ],
  [
    'all mixed',
    ['data: a\r\ndata: b\rdata: c\n\r', 'data: d\n\n'],
    [
      [0, 'a\nb\nc'],
      [1, 'd'],
    ],
  ],
  ['a byte order mark', ['\uFEFFdata: a\n\n'], [[0, 'a']]],
  ['several lines of data', ['data: {\ndata: }\n\n'], [[0, '{\n}']]],
  [
    'no blank after the colon, and two of them',
    ['data:a\n\ndata:  b\n\n'],
    [
      [0, 'a'],
      [0, ' b'],
    ],
  ],
  ['comments and other fields', [': alive\n\nid: 7\nretry: 5\ndata: a\n\n:\n'], [[0, 'a']]],
  ['a field for errors, as llama-server had it', ['error: a\n\n'], [[0, 'error', 'a']]],
  [
    'names',
    ['event: error\ndata: a\n\ndata: b\n\n'],
    [
      [0, 'error', 'a'],
      [0, 'b'],
    ],
  ],
  [
    'empty data, with and without a colon',
    ['data:\n\ndata\n\n'],
    [
      [0, ''],
      [0, ''],
    ],
  ],
  [
    'every border',
    Array.from('data: ab\n\ndata: c\n\n'),
    [
      [8, 'ab'],
      [17, 'c'],
    ],
  ],
  [
    'an empty line that comes with the next event only',
    ['data: a\n', '\ndata: b\n', '\n'],
    [
      [0, 'a'],
      [1, 'b'],
    ],
  ],
  ['an end without an empty line', ['data: a\n'], [[0, 'a', 'cut']]],
  [
    'an end within a line',
    ['data: a\n\n', 'data: {"b'],
    [
      [0, 'a'],
      [1, '{"b', 'cut'],
    ],
  ],
  [
    '[DONE] at once, with blanks',
    ['data: [DONE] \n', 'data: b\n\n'],
    [
      [0, '[DONE] '],
      [1, 'b'],
    ],
  ],
  [
    '[DONE] without an empty line before it',
    ['data: a\ndata: [DONE]\n\n'],
    [
      [0, 'a'],
      [0, '[DONE]'],
    ],
  ],
  [
    '[DONE] without any end of line',
    ['data: a\n\ndata: [DONE]'],
    [
      [0, 'a'],
      [0, '[DONE]'],
    ],
  ],
])('events of a stream, with the times of their data: %s', (_what, pieces, events) => {
  expect(read(pieces)).toEqual(events);
});

test('a line that never ends is refused', () => {
  const reader = eventReader(() => {});
  expect(() => {
    for (let count = 0; count < 20; count += 1) reader.feed('x'.repeat(1 << 20), 0);
  }).toThrow(RangeError);
});

test('events are the same, however a stream is cut into pieces', () => {
  const line = fc.constantFrom(
    'data: a',
    'data:',
    'data: {"b":1}',
    ': c',
    'event: error',
    '',
    '',
    'id: 1',
    'data: [DONE]',
  );
  const end = fc.constantFrom('\n', '\r', '\r\n');
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(40)), (lines, cuts) => {
      const whole = lines.flat().join('');
      const borders = [...new Set([0, ...cuts.filter((at) => at < whole.length), whole.length])].sort((a, b) => a - b);
      const pieces = borders.slice(1).map((to, index) => whole.slice(borders[index], to));
      const untimed = (events: (string | number)[][]) => events.map(([, ...rest]) => rest);
      expect(untimed(read(pieces))).toEqual(untimed(read([whole])));
    }),
  );
});
