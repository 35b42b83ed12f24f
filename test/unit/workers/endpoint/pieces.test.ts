import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pieces } from '../../../../workers/endpoint/src/pieces.ts';

const events = fc.record({
  count: fc.option(fc.nat()),
  kind: fc.constantFrom('text', 'no text', 'count alone'),
});

test('what was added comes back in its order, however many there are', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 300, size: 'max' }), (added) => {
      const pieces = new Pieces();
      for (const [index, { count, kind }] of added.entries())
        pieces.add(index / 10, count, kind !== 'count alone', kind === 'text');
      pieces.close();
      const all = Array.from({ length: pieces.events }, (_, event) => ({
        time_s: pieces.time_s(event),
        count: pieces.count(event),
        kind: pieces.hasText(event) ? 'text' : pieces.isPiece(event) ? 'no text' : 'count alone',
      }));
      expect(all).toEqual(added.map((event, index) => ({ ...event, time_s: index / 10 })));
      expect(pieces.length).toBe(added.filter(({ kind }) => kind !== 'count alone').length);
      expect(pieces.withText).toBe(added.filter(({ kind }) => kind === 'text').length);
    }),
  );
});
