import { keepsDigits } from './exact.ts';
import { jsonTexts } from './texts.ts';

/**
 * Parses a JSON text that others wrote.
 * @throws SyntaxError where it is no JSON, and where a value would be lost or become another one: a key that is there
 * twice, a whole number that a double can't hold, a number that becomes 0 or infinite.
 */
export function parseStrictly(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(firstProblem(text) ?? (error as Error).message, { cause: error });
  }
  const problem = firstProblem(text);
  if (problem !== null) throw new SyntaxError(problem);
  return value;
}

/** An object or a list that is not closed yet, and where the scan is in it. */
interface Open {
  /** null in a list. */
  keys: Set<string> | null;
  key: string;
  index: number;
  isKeyNext: boolean;
}

const NUMBER = /-?(?:NaN|Infinity|\d[\d.eE+-]*)/y;

// A scan of its own, as the text may be no JSON, and may have strings too long for a regular expression.
function firstProblem(text: string): string | null {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const inner = open.at(-1);
    if (character === '"') {
      const end = endOfString(text, at);
      if (inner?.isKeyNext) {
        inner.key = keyOf(text.slice(at, end));
        inner.isKeyNext = false;
        if (inner.keys!.has(inner.key)) return jsonTexts.repeated(pathOf(open));
        inner.keys!.add(inner.key);
      }
      at = end - 1;
    } else if (character === '{') open.push({ keys: new Set(), key: '', index: 0, isKeyNext: true });
    else if (character === '[') open.push({ keys: null, key: '', index: 0, isKeyNext: false });
    else if (character === '}' || character === ']') open.pop();
    else if (character === ',' && inner) {
      inner.index += 1;
      inner.isKeyNext = inner.keys !== null;
    } else if (STARTS_NUMBER.has(character)) {
      NUMBER.lastIndex = at;
      const token = NUMBER.exec(text)?.[0];
      if (token === undefined) continue;
      const problem = numberProblem(token);
      if (problem) return problem(pathOf(open), token);
      at += token.length - 1;
    }
  }
  return null;
}

const STARTS_NUMBER = new Set('-0123456789NI');

/** Just behind the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

function keyOf(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.slice(1, -1);
  }
}

type NumberProblem = (path: string, token: string) => string;

// A number of at most 15 characters has no more digits than a double keeps.
const ALWAYS_EXACT_LENGTH = 15;

function numberProblem(token: string): NumberProblem | null {
  if (/[NI]/.test(token)) return jsonTexts.notFinite;
  if (token.length <= ALWAYS_EXACT_LENGTH && !/e/i.test(token)) return null;
  const value = Number(token);
  // A fraction may be rounded: it is the double nearest to a measured value.
  const isFraction = Number.isFinite(value) && !Number.isInteger(value);
  return isFraction || keepsDigits(token) ? null : jsonTexts.inexact;
}

const pathOf = (open: readonly Open[]): string =>
  open.map(({ keys, key, index }) => (keys ? key : String(index))).join('.');
