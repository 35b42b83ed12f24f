import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';

/** A sentence of the answer; names, which a terminal shows in backticks, are set apart. */
export const withNames = (sentence: string): Safe =>
  html`${sentence.split('`').map((part, index) => (index % 2 === 1 ? html`<b>${part}</b>` : part))}`;
