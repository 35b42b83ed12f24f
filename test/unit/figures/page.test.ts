import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bars } from '../../../plugins/nx-study/src/figures/bars.ts';
import {
  banner,
  beside,
  chips,
  expandable,
  facts,
  preformatted,
} from '../../../plugins/nx-study/src/figures/blocks.ts';
import { sortableTable } from '../../../plugins/nx-study/src/figures/data-table.ts';
import { html } from '../../../plugins/nx-study/src/figures/html.ts';
import { intervals } from '../../../plugins/nx-study/src/figures/intervals.ts';
import { page, type Page } from '../../../plugins/nx-study/src/figures/page.ts';
import { caption, gallery, HOSTILE, sequence } from '../../helpers/gallery.ts';

const small: Page = {
  title: 'Question',
  lead: html`<p>Answer</p>`,
  sections: [
    { id: 'a', title: 'A', body: html`<p>a</p>` },
    { id: 'b', title: 'B', body: html`<p>b</p>` },
  ],
  footer: html`end`,
};

describe('page', () => {
  it('allows its one script by hash, and nothing from outside', () => {
    const text = page(small);
    const scripts = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script!);
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0]!).digest('base64');
    expect(text).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:; script-src &#39;sha256-${hash}&#39;"`,
    );
    expect(text).not.toMatch(/https?:|\/\/\w/);
  });

  it('has a language, a viewport, a title, links to its sections, a header and a footer', () => {
    const text = page(small);
    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(text).toContain('<meta name="viewport" content="width=device-width,initial-scale=1" />');
    expect(text).toContain('<title>Question</title>');
    expect(text).toContain('<h1>Question</h1>');
    expect(text).toContain('<a href="#a">A</a>');
    expect(text).toContain('<section id="b" aria-labelledby="b-title">');
    expect(text).toContain('<footer>end</footer>');
  });

  it('has no links for a single section', () => {
    expect(page({ ...small, sections: small.sections.slice(0, 1) })).not.toContain('<nav');
  });

  it('escapes its title', () => {
    expect(page({ ...small, title: HOSTILE })).toContain('<title>&quot;&gt;&lt;script&gt;');
  });

  it('has all kinds of figures without a word that only programs know', () => {
    const text = gallery().replaceAll(/<(style|script)>.*?<\/\1>/gs, '');
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(text).not.toContain('<script>');
  });

  it('is under 5 MB with 1,000 rows of 10 metrics as a table and as figures', () => {
    const next = sequence();
    const metrics = Array.from({ length: 10 }, (_, index) => `metric ${index + 1}`);
    const data = Array.from({ length: 1000 }, (_, index) => ({
      name: `threads ${index} batch size 4`,
      values: metrics.map(() => next() * 100),
    }));
    const table = sortableTable({
      caption: 'All',
      columns: [{ name: 'experiment' }, ...metrics.map((name) => ({ name }))],
      rows: data.map(({ name, values }) => ({ cells: [name, ...values] })),
    });
    const effects = intervals({
      ...caption('All'),
      series: metrics.map((title, at) => ({
        title,
        rows: data.map(({ name, values }) => ({
          name,
          estimate: values[at]!,
          low: values[at]! * 0.9,
          high: values[at]! * 1.1,
          n: 3,
        })),
      })),
    });
    const times = bars({
      ...caption('Times'),
      panels: [
        {
          title: 'Time',
          unit: 's',
          bars: data.map(({ name, values }) => ({
            name,
            parts: metrics.slice(0, 5).map((part, at) => ({ name: part, value: values[at]! })),
          })),
        },
      ],
    });
    const size = (body: typeof table) =>
      Buffer.byteLength(page({ ...small, sections: [{ id: 'all', title: 'All', body }] }));
    expect(size(html`${table}${effects}`)).toBeLessThan(5e6);
    expect(size(html`${table}${times}`)).toBeLessThan(5e6);
  });
});

describe('the blocks of a page', () => {
  it('escape what they say', () => {
    const blocks = [
      banner(HOSTILE, [HOSTILE]),
      chips([{ text: HOSTILE }]),
      facts([[HOSTILE, HOSTILE]]),
      expandable(HOSTILE, html`<p>${HOSTILE}</p>`),
      preformatted(HOSTILE, HOSTILE),
    ];
    for (const block of blocks) {
      expect(block!.text).not.toContain('<script');
      expect(block!.text).not.toContain('\u001B');
    }
  });

  it('keep lines as they are', () => {
    expect(preformatted('a\n  b\n', 'Log').text).toBe('<pre tabindex="0" role="group" aria-label="Log">a\n  b\n</pre>');
  });

  it('leave out empty lists', () => {
    expect(chips([])).toBeNull();
    expect(banner('Nothing', []).text).not.toContain('<ul');
    expect(beside([html`<figure></figure>`]).text).toContain('class="beside"');
  });
});
