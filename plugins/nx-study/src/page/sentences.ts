import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';

/** A paragraph of the answer: its first sentence stands out, so that a long one can be read on a phone. */
export function paragraph(text: string): Safe {
  const [first, ...rest] = text.split(SENTENCES);
  return rest.length === 0
    ? withNames(text)
    : html`${withNames(first!)} <span class="more">${withNames(rest.join(' '))}</span>`;
}

// After the end of a sentence; names in backticks may have dots.
const SENTENCES = /(?<=[a-z0-9)\]]\.) (?=[A-Z][a-z-]+ )/;

/** A sentence of the answer; names, which a terminal shows in backticks, are set apart. */
export const withNames = (sentence: string): Safe =>
  html`${sentence.split('`').map((part, index) => (index % 2 === 1 ? html`<b>${part}</b>` : part))}`;
