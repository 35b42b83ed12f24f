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
      const own = [...added.entries()].filter(([, { kind }]) => kind !== 'count alone');
      expect(pieces.length).toBe(own.length);
      expect(pieces.listed()).toEqual({
        times_s: own.map(([index]) => index / 10),
        hasText: own.map(([, { kind }]) => kind === 'text'),
        counts: own.map(([, { count }]) => count),
        told: added.flatMap(({ count }) => count ?? []),
      });
    }),
  );
});
