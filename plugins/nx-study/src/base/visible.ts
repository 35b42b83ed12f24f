// Controls of C0 and C1, marks that turn or isolate the direction of text, separators of lines, characters without any
// width but for the joiners, which scripts and emoji need, and halves of characters.
const UNSEEN = String.raw`[\p{Cc}\p{Cs}\u{61C}\u{180E}\u{200B}\u{200E}\u{200F}\u{2028}-\u{202E}\u{2060}-\u{206F}\u{FEFF}\u{FFF9}-\u{FFFB}]`;
const ANY = new RegExp(UNSEEN, 'gu');
// Most texts are such; this is much faster to see.
const PRINTABLE = /^[\x20-\x7E]*$/;

/** Writes control characters as text, such as `\x1b` and `\u202e`, so that a terminal doesn't obey them. */
export const visible = (text: string, kept = ''): string =>
  PRINTABLE.test(text)
    ? text
    : text.replaceAll(ANY, (one) => (kept.includes(one) ? one : written(one.codePointAt(0)!)));

/** JSON with control characters as escapes; it has the same value. */
export const visibleJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(ANY, (one) => (one === '\n' ? one : escaped(one.codePointAt(0)!)));

const written = (code: number) => (code < 0x100 ? `\\x${hex(code, 2)}` : escaped(code));
const escaped = (code: number) => `\\u${hex(code, 4)}`;
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
