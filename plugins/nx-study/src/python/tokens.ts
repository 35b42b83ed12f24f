/** A piece of Python source, as far as imports need it. */
export interface Token {
  /** `text`: a string without escapes. `end`: of a statement. `other`: numbers, operators, other strings. */
  kind: 'name' | 'text' | 'end' | 'other';
  /** Of a string: what stands between its quotes. */
  text: string;
  /** From 1. */
  line: number;
}

/**
 * The tokens of Python source, without comments. Lines that a backslash or an open bracket continues are one; of f-strings there
 * are the expressions. It knows names, strings, comments and brackets, which all versions of Python share, so that a keyword is
 * found whatever grammar a later version adds: a parser that recovers from an error may skip one. Wrong source gives some tokens, too.
 */
export function tokensOf(source: string): Token[] {
  const lexer = new Lexer(source.replaceAll(/\r\n?/g, '\n'));
  lexer.code(null);
  return lexer.tokens;
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER = /\d[\w.]*/y;
const STRING = /([rR]|[bB][rR]?|[rR][bB]|[uU]|[fFtT][rR]?|[rR][fFtT])?("""|'''|"|')/y;
const BLANK = /[^\S\n]+|#[^\n]*/y;

class Lexer {
  readonly tokens: Token[] = [];
  private readonly source: string;
  private at = 0;
  private line = 1;

  constructor(source: string) {
    this.source = source;
  }

  /** Reads code to its end; within an f-string, to the brace that closes the expression, and beyond it. */
  code(closing: '}' | null): void {
    let open = 0;
    while (this.at < this.source.length) {
      if (this.match(BLANK) || this.word()) continue;
      const letter = this.take();
      if (letter === '\\' || (letter === '\n' && (open > 0 || closing !== null))) {
        if (letter === '\\' && this.source[this.at] === '\n') this.take();
      } else if (letter === closing && open === 0) return;
      // Behind it stands how the value is written, with expressions of its own.
      else if (letter === ':' && closing !== null && open === 0) return this.formatted(closing, true);
      else {
        if ('([{'.includes(letter)) open += 1;
        if (')]}'.includes(letter)) open = Math.max(0, open - 1);
        this.push(letter === '\n' || letter === ';' ? 'end' : 'other', letter);
      }
    }
    this.push('end', '');
  }

  /** Reads a string, a name or a number; whether there was one. */
  private word(): boolean {
    const string = this.match(STRING);
    if (string) {
      const [, prefix = '', quote] = string;
      if (/[ft]/i.test(prefix)) this.formatted(quote!, quote!.length === 1);
      else this.string(prefix, quote!);
      return true;
    }
    const name = this.match(NAME);
    if (name) this.push('name', name[0]);
    else if (this.match(NUMBER)) this.push('other', '0');
    else return false;
    return true;
  }

  private string(prefix: string, quote: string): void {
    const { line, at: start } = this;
    const end = this.endOf(quote);
    const text = this.source.slice(start, end);
    const isPlain = !/b/i.test(prefix) && !text.includes('\\');
    this.tokens.push({ kind: isPlain ? 'text' : 'other', text, line });
  }

  /** Goes behind a string; returns where its text ends. */
  private endOf(quote: string): number {
    while (this.at < this.source.length) {
      if (this.skip(quote)) return this.at - quote.length;
      const letter = this.take();
      if (letter === '\\') this.take();
      // It isn't closed, so the source is wrong.
      else if (letter === '\n' && quote.length === 1) return this.at - 1;
    }
    return this.at;
  }

  /** Goes behind an f-string, or behind the format of a value in one, and reads its expressions. */
  private formatted(closing: string, isOneLine: boolean): void {
    this.push('other', 'f');
    while (this.at < this.source.length && !this.skip(closing)) {
      const letter = this.take();
      if (letter === '\n' && isOneLine) return;
      if (letter === '\\' && this.source[this.at] !== '{') this.take();
      if (letter === '{' && (closing === '}' || !this.skip('{'))) this.code('}');
    }
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at += found[0].length;
    return found;
  }

  private skip(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private take(): string {
    const letter = this.source[this.at] ?? '';
    this.at += 1;
    if (letter === '\n') this.line += 1;
    return letter;
  }

  private push(kind: Token['kind'], text: string): void {
    this.tokens.push({ kind, text, line: this.line });
  }
}
