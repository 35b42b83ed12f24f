/** Markup in which every text is escaped already. Only `html` and `trusted` make it. */
export type Safe = Markup;

/** What may stand in a template: text and numbers are escaped; null, undefined and booleans write nothing. */
export type Fragment = Safe | string | number | boolean | null | undefined | readonly Fragment[];

class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/**
 * Markup from a template: what stands in it is escaped, so that it can be neither an element nor leave the quotes of an
 * attribute; fragments made by `html` stay. Attributes need quotes: html`<a title="${label}">`.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Fragment[]): Safe =>
  new Markup(withoutIndents(strings).reduce((all, part, index) => `${all}${written(values[index - 1])}${part}`));

const kept = new WeakMap<TemplateStringsArray, string[]>();

/** A template's own text without the indents of this program's source, which would make pages much larger. */
function withoutIndents(strings: TemplateStringsArray): string[] {
  const known = kept.get(strings);
  if (known) return known;
  const parts = strings.map((part) => part.replaceAll(/\n\s*/g, '\n'));
  kept.set(strings, parts);
  return parts;
}

/** Takes text as markup. For constants of this program only. */
export const trusted = (text: string): Safe => new Markup(text);

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

// Controls but for tab and line feed, halves of characters, and marks that turn the direction of text.
const CONTROLS = /(?![\t\n])[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

// Most values of a large page are numbers and short names.
const PLAIN = /^[\w .,:;()/%+−-]*$/;

function written(value: Fragment): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(written).join('');
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'no value';
  const text = String(value);
  if (PLAIN.test(text)) return text;
  return text.replaceAll(CONTROLS, '\u{FFFD}').replaceAll(/[&<>"']/g, (one) => ENTITIES[one]!);
}
