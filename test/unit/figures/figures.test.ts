import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bars } from '../../../plugins/nx-study/src/figures/bars.ts';
import { density } from '../../../plugins/nx-study/src/figures/density.ts';
import type { Safe } from '../../../plugins/nx-study/src/figures/html.ts';
import { intervals } from '../../../plugins/nx-study/src/figures/intervals.ts';
import { overlap } from '../../../plugins/nx-study/src/figures/labels.ts';
import { lines } from '../../../plugins/nx-study/src/figures/lines.ts';
import { ranks } from '../../../plugins/nx-study/src/figures/ranks.ts';
import { runOrder } from '../../../plugins/nx-study/src/figures/run-order.ts';
import { scatter } from '../../../plugins/nx-study/src/figures/scatter.ts';
import { tiles } from '../../../plugins/nx-study/src/figures/tiles.ts';
import * as examples from '../../helpers/gallery.ts';
import { boxOf, countOf, drawingsOf, strayPlaces, withClass } from '../../helpers/svg.ts';

const caption = examples.caption('Title');
const odd = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 5e-324, 1.7e308];
const number = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1000, max: 1000 }) },
  fc.double(),
  fc.constantFrom(...odd),
);
const value = fc.option(number, { freq: 5 });
const name = fc.string({ unit: 'grapheme', maxLength: 60 });
const scale = fc.constantFrom('linear' as const, 'log' as const);
const flags = fc.option(fc.array(fc.constantFrom('neighbour', 'throttled'), { maxLength: 2 }), { nil: undefined });
const axis = fc.record({ label: name, scale });
const several = <T>(one: fc.Arbitrary<T>, maxLength = 12) => fc.array(one, { maxLength });

/** Each kind of figure from any data. */
const ANY: Record<string, fc.Arbitrary<Safe>> = {
  intervals: fc
    .record({
      title: name,
      scale,
      reference: fc.option(number, { nil: undefined }),
      rows: several(
        fc.record({
          name,
          estimate: value,
          low: value,
          high: value,
          points: several(number, 4),
          n: value,
          flags,
          group: fc.constantFrom(undefined, 'a', 'b'),
        }),
        40,
      ),
    })
    .map((series) => intervals({ ...caption, series: [series] })),
  scatter: fc
    .record({
      title: name,
      x: axis,
      y: axis,
      identity: fc.boolean(),
      pareto: fc.constantFrom(
        undefined,
        { x: 'lower' as const, y: 'higher' as const },
        { x: 'higher' as const, y: 'lower' as const },
      ),
      references: fc.record({ x: several(number, 2), y: several(number, 2) }),
      points: several(
        fc.record({
          name,
          x: value,
          y: value,
          xLow: value,
          xHigh: value,
          yLow: value,
          yHigh: value,
          flags,
          group: fc.constantFrom('a', 'b'),
        }),
        30,
      ),
    })
    .map((panel) => scatter({ ...caption, panels: [panel] })),
  lines: fc
    .record({
      title: name,
      x: axis,
      y: axis,
      references: fc.record({ x: several(number, 2), y: several(number, 2) }),
      series: several(
        fc.record({ name, points: several(fc.record({ x: number, y: value, low: value, high: value, flags })) }),
        20,
      ),
    })
    .map((panel) => lines({ ...caption, panels: [panel] })),
  bars: fc
    .record({
      title: name,
      unit: name,
      limit: fc.option(fc.record({ name, value: number }), { nil: undefined }),
      bars: several(
        fc.record({ name, flags, parts: several(fc.record({ name: fc.constantFrom('a', 'b', 'c'), value }), 6) }),
      ),
    })
    .map((panel) => bars({ ...caption, panels: [panel] })),
  runOrder: fc
    .record({
      title: name,
      y: axis,
      reference: fc.option(number, { nil: undefined }),
      trend: fc.option(
        fc.tuple(fc.record({ order: fc.nat(), value: number }), fc.record({ order: fc.nat(), value: number })),
        { nil: undefined },
      ),
      runs: several(fc.record({ experiment: name, order: fc.oneof(fc.nat(), number), value, flags }), 30),
    })
    .map((panel) => runOrder({ ...caption, panels: [panel] })),
  tiles: fc
    .record({
      title: name,
      label: name,
      rowAxis: name,
      columnAxis: name,
      rows: several(name, 3),
      columns: several(name, 3),
      scale,
      middle: fc.option(number, { nil: undefined }),
      tiles: several(fc.record({ row: name, column: name, value }), 10),
    })
    .map((panel) => tiles({ ...caption, panels: [panel] })),
  density: fc
    .tuple(
      fc.constantFrom('histogram' as const, 'ecdf' as const),
      fc.record({
        title: name,
        x: axis,
        references: several(number, 2),
        distributions: several(fc.record({ name, values: several(number, 40) }), 4),
      }),
    )
    .map(([kind, panel]) => density({ ...caption, kind, panels: [panel] })),
  ranks: fc
    .record({
      title: name,
      expected: fc.nat(),
      band: fc.option(fc.record({ low: fc.nat(), high: fc.nat() }), { nil: undefined }),
      chains: several(fc.record({ name, counts: several(fc.nat(), 30) }), 5),
    })
    .map((panel) => ranks({ ...caption, panels: [panel] })),
};

describe.each(Object.entries(ANY))('%s', (_, arbitrary) => {
  it('draws all places inside of its drawing, and no text leaves it or covers another label, whatever the data are', () => {
    fc.assert(
      fc.property(arbitrary, (figure) => {
        expect(figure.text).not.toMatch(/NaN|Infinity|undefined|\[object/);
        for (const drawing of drawingsOf(figure)) {
          expect(strayPlaces(drawing)).toEqual([]);
          const wide = drawing.elements
            .filter(({ tag }) => tag === 'text')
            .filter((text) => {
              const { x, width } = boxOf(text);
              return x < -0.5 || x + width > drawing.width + 0.5;
            });
          expect(wide).toEqual([]);
          const labels = withClass(drawing, 'label').map(boxOf);
          // A tenth of a unit is lost by rounding.
          const inner = labels.map((box) => ({
            ...box,
            x: box.x + 0.1,
            y: box.y + 0.1,
            width: box.width - 0.2,
            height: box.height - 0.2,
          }));
          expect(inner.filter((box, index) => inner.slice(0, index).some((other) => overlap(box, other)))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the number of marks', () => {
  it.each([
    ['intervals', examples.ratios, 'mark', 2 * 5],
    ['single values of intervals', examples.ratios, 'raw', 2 * 13],
    ['rows of many intervals', examples.positions, 'mark', 102],
    ['scatter', examples.shifts, 'mark', 2 * 102],
    ['scatter with values that have no place', examples.tradeOff, 'mark', 5],
    ['front', examples.tradeOff, 'on-front', 3],
    ['lines', examples.ladders, 'mark', 5 * 6 - 1 + 2 * 8],
    ['bars', examples.phases, 'mark', 3 * 6],
    ['bars with missing values', examples.memory, 'mark', 4],
    ['runs', examples.order, 'mark', 15],
    ['flagged runs', examples.order, 'hollow', 5],
    ['tiles', examples.heat, 'mark', 20 + 12],
    ['tiles without a value', examples.heat, 'none', 2],
    ['histograms', examples.posteriors, 'mark', 3 * 2],
    ['distribution functions', examples.latencies, 'mark', 3],
    ['rank plots', examples.chains, 'mark', 2 * 4 * 20],
  ])('is the number of data: %s', (_, figure, kind, count) => {
    expect(countOf(figure, kind)).toBe(count);
  });
});

describe('a figure', () => {
  it('has a title, a line on how to read it, a title and a description of each drawing, and all data as a table', () => {
    const { text } = examples.tradeOff;
    expect(text).toContain('<figcaption><h3>Throughput costs latency</h3></figcaption>');
    expect(text).toContain('<b>How to read:</b> up and to the left is better');
    expect(drawingsOf(examples.tradeOff).map(({ title }) => title)).toEqual([
      'Throughput costs latency: Throughput against latency',
    ]);
    expect(text).toContain(
      '<desc>Made-up values that show what a figure looks like. 5 points: TTFT, s from 0.110 to 1.40',
    );
    expect(text.match(/<tr>/g)).toHaveLength(1 + 7);
    expect(text).toContain('<td data-v="0.11">0.110</td>');
    expect(text).toContain('<td class="none">no value<small>too large for the memory</small></td>');
  });

  it('names what it can not draw, and why', () => {
    expect(examples.tradeOff.text).toContain(
      'Not drawn: batch 4 prompt 128 (TTFT, s: not positive, and the axis is logarithmic), batch 8 (too large for the memory).',
    );
    expect(examples.ratios.text).toContain('Not drawn: batch 4 prompt 32 (all repetitions failed).');
    expect(examples.ladders.text).toContain('Not drawn: batch 1 prompt 128 at 4 (the server stopped).');
    expect(examples.heat.text).toContain('Not drawn: batch 8, prompt 8,192 (too large).');
    expect(examples.memory.text).toContain(
      'Not drawn: weights of context 131,072 (too large), cache of context 131,072 (too large).',
    );
  });

  it('is a sentence without data, and has no empty axis', () => {
    const empty = [
      ...examples.nothing,
      lines({ ...caption, panels: [] }),
      bars({ ...caption, panels: [{ title: 'Time', unit: 's', bars: [] }] }),
      runOrder({ ...caption, panels: [{ title: 'Order', y: { label: 'output' }, runs: [] }] }),
      tiles({ ...caption, panels: [] }),
      density({
        ...caption,
        kind: 'histogram',
        panels: [{ title: 'A', x: { label: 'TTFT' }, distributions: [{ name: 'a', values: [] }] }],
      }),
      ranks({ ...caption, panels: [] }),
    ];
    for (const { text } of empty) {
      expect(text).toMatch(/<p class="empty">Nothing to draw: no value for [^<]+\.<\/p>/);
      expect(text).not.toContain('<svg viewBox');
    }
  });

  it('says which of its panels has no data', () => {
    const row = { name: 'a', estimate: 1, low: null, high: null };
    const series = [
      { title: 'Output', rows: [row] },
      { title: 'TTFT', rows: [{ ...row, estimate: null, reason: 'failed' }] },
    ];
    const figure = intervals({ ...caption, series });
    expect(drawingsOf(figure)).toHaveLength(1);
    expect(figure.text).toContain('<p class="empty">Nothing to draw: no value for TTFT.</p>');
    expect(figure.text).toContain('<td class="none">no value<small>failed</small></td>');
  });

  it('escapes what names and labels say', () => {
    const { text } = examples.ratios;
    expect(text).not.toContain('<script');
    expect(text).not.toContain('\u001B');
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; it&#39;s \uFFFD[31mred');
  });

  it('says that there is no interval', () => {
    expect(examples.ratios.text).toContain('5.44 · n 1 · no interval');
    expect(examples.ratios.text).toContain('<td class="none">no interval<small>fewer than 3 repetitions</small></td>');
  });

  it('cuts the axis at 1.25 times the range of the points and draws arrowheads where an interval goes on', () => {
    const [drawing] = drawingsOf(examples.ratios);
    expect(withClass(drawing!, 'arrow')).toHaveLength(2);
    const ticks = withClass(drawing!, 'tick').map(({ text }) => Number(text));
    expect([Math.min(...ticks), Math.max(...ticks)]).toEqual([0.1, 5]);
    const whole = intervals({
      ...caption,
      series: [{ title: 'A', rows: [{ name: 'a', estimate: 5, low: 1, high: 900 }] }],
    });
    expect(countOf(whole, 'arrow')).toBe(0);
  });

  it('splits many rows into even panels that share their axis', () => {
    const drawings = drawingsOf(examples.positions);
    expect(drawings.map((drawing) => withClass(drawing, 'mark').length)).toEqual([34, 34, 34]);
    const axes = drawings.map((drawing) =>
      withClass(drawing, 'tick').map(({ text, attributes }) => [text, attributes['x']]),
    );
    expect(new Set(axes.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  it('tells groups apart by colour and by shape', () => {
    const marks = drawingsOf(examples.shifts).flatMap((drawing) => withClass(drawing, 'mark'));
    const signs = new Set(
      marks.map(({ tag, classes, attributes }) => `${classes.at(-1)} ${tag} ${attributes['d'] ?? ''}`),
    );
    expect(signs.size).toBe(3);
    expect(new Set([...signs].map((sign) => sign.replace(/^c\d /, ''))).size).toBe(3);
  });
});
