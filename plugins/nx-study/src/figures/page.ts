import { createHash } from 'node:crypto';
import { html, trusted, type Safe } from './html.ts';
import { SORT_SCRIPT } from './sort-script.ts';
import { STYLE } from './style.ts';

export interface Section {
  /** What links lead to; letters, digits and hyphens. */
  id: string;
  title: string;
  body: Safe;
}

export interface Page {
  /** The heading, and the document's title: the question. */
  title: string;
  /** Between the heading and the links: the answer and what weakens it. */
  lead: Safe;
  sections: readonly Section[];
  footer: Safe;
  language?: string | undefined;
}

/** Only what stands in the page itself: one style sheet, pictures as data, and the script of this hash. */
export const POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${createHash(
  'sha256',
)
  .update(SORT_SCRIPT)
  .digest('base64')}'`;

// Not in the template: white space around the script would be another script, which the policy refuses.
const SCRIPT_ELEMENT = trusted(`<script>${SORT_SCRIPT}</script>`);
const STYLE_ELEMENT = trusted(`<style>${STYLE}</style>`);

/** A whole document that needs nothing beside itself. */
export const page = ({ title, lead, sections, footer, language = 'en' }: Page): string =>
  html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <div class="page">
          <header>
            <h1>${title}</h1>
            ${lead}
          </header>
          ${linksTo(sections)}
          <main>
            ${sections.map(
              ({ id, title: heading, body }) =>
                html`<section id="${id}" aria-labelledby="${id}-title">
                  <h2 id="${id}-title">${heading}</h2>
                  ${body}
                </section> `,
            )}
          </main>
          <footer>${footer}</footer>
        </div>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `.text;

const linksTo = (sections: readonly Section[]): Safe | null =>
  sections.length < 2
    ? null
    : html`<nav aria-label="Sections">
        <ul>
          ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>`;
