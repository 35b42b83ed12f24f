import { html, type Fragment, type Safe } from './html.ts';

export type Mood = 'good' | 'warn' | 'bad';

/** The answer of a report: paragraphs that stand out. */
export const answer = (paragraphs: readonly Fragment[]): Safe =>
  html`<div class="answer">${paragraphs.map((text) => html`<p>${text}</p>`)}</div>`;

/** Facts of one or two words in a row. The words say what the colour says. */
export const chips = (all: readonly { text: string; mood?: Mood | undefined }[]): Safe | null =>
  all.length === 0
    ? null
    : html`<ul class="chips">
        ${all.map(({ text, mood }) => html`<li${mood === undefined ? null : html` class="${mood}"`}>${text}</li>`)}
      </ul>`;

/** What weakens an answer, or a failure: a title and its points. */
export const banner = (title: string, points: readonly Fragment[], mood: 'warn' | 'bad' = 'warn'): Safe =>
  html`<div class="banner ${mood === 'bad' ? 'bad' : 'weak'}">
    <b>${title}</b>${
      points.length === 0
        ? null
        : html`<ul>
            ${points.map((point) => html`<li>${point}</li>`)}
          </ul>`
    }
  </div>`;

/** Names and values below each other. */
export const facts = (all: readonly (readonly [name: string, value: Fragment])[]): Safe =>
  html`<dl>
    ${all.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;

/** Something that is opened by its title; it is open on paper. */
export const expandable = (title: Fragment, body: Safe, open = false): Safe =>
  html`<details${open ? html` open` : null}><summary>${title}</summary>${body}</details>`;

/** Commands or the last lines of a log, as they are. */
export const preformatted = (text: string, label: string): Safe =>
  html`<pre tabindex="0" role="group" aria-label="${label}">${text}</pre>`;

/** Figures of one panel each, as many beside each other as there is room for. */
export const beside = (figures: readonly Safe[]): Safe => html`<div class="beside">${figures}</div>`;
