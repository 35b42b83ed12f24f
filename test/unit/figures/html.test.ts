import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, trusted } from '../../../plugins/nx-study/src/figures/html.ts';

describe('html', () => {
  it('escapes text and attributes', () => {
    const label = `<script>alert("it's")</script> & more`;
    expect(html`<a title="${label}">${label}</a>`.text).toBe(
      '<a title="&lt;script&gt;alert(&quot;it&#39;s&quot;)&lt;/script&gt; &amp; more">&lt;script&gt;alert(&quot;it&#39;s&quot;)&lt;/script&gt; &amp; more</a>',
    );
  });

  it('keeps what is safe already, alone and in lists', () => {
    const items = ['a<', 'b'].map((item) => html`<li>${item}</li>`);
    expect(
      html`<ul>
          ${items}
        </ul>
        ${trusted('<hr>')}`.text,
    ).toBe('<ul>\n<li>a&lt;</li><li>b</li>\n</ul>\n<hr>');
  });

  it('writes nothing for null, undefined and booleans, and no NaN', () => {
    expect(html`[${null}${undefined}${false}${true}]`.text).toBe('[]');
    expect(html`${0} ${-0} ${1e-7} ${Number.NaN} ${Number.POSITIVE_INFINITY}`.text).toBe('0 0 1e-7 no value no value');
  });

  it('replaces control characters, halves of characters and marks of direction', () => {
    expect(html`${'\u001B[31mred\u001B[0m\r\u0000\u009B \uD800 \u202Eab\t\n'}`.text).toBe(
      '\uFFFD[31mred\uFFFD[0m\uFFFD\uFFFD\uFFFD \uFFFD \uFFFDab\t\n',
    );
  });

  it('leaves no character that ends a text or an attribute, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: written } = html`${text}`;
        expect(written).not.toMatch(/[<>"']|&(?!(?:lt|gt|quot|amp|#39);)/);
        expect(written).not.toMatch(/(?![\t\n])\p{Cc}/u);
      }),
    );
  });

  it('does not take an object that only looks like markup', () => {
    const forged = { text: '<script>', toString: () => '<script>' };
    expect(html`${forged as never}`.text).toBe('&lt;script&gt;');
  });
});
