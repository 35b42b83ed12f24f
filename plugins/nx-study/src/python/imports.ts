import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** One module that Python source imports, wherever in it the import stands. */
export interface Import {
  /** The dots before a relative name: 0 for an absolute one. */
  level: number;
  /** The parts of the dotted name; empty for `from . import x`. */
  module: string[];
  /** What is taken from it, such as functions or modules below it; `*` for all. */
  names: string[];
  /** From 1. */
  line: number;
}

/**
 * The imports of Python source, found without running it: both statements wherever they stand, and `import_module` and
 * `__import__` of a literal name. Strings and comments are none. Never throws.
 */
export function importsOf(source: string): Import[] {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'name') return [];
    if (token.text === 'from') return fromStatement(tokens, index);
    if (token.text === 'import') return isOfFrom(tokens, index) ? [] : importStatement(tokens, index);
    return CALLS.has(token.text) ? call(tokens, index) : [];
  });
}

const CALLS = new Set(['import_module', '__import__']);

/** `from ..a.b import c as d, e`; nothing for another use of the word, such as in `raise … from …`. */
function fromStatement(tokens: readonly Token[], at: number): Import[] {
  const { level, module, next } = dottedName(tokens, at + 1);
  if (!isName(tokens[next], 'import') || (level === 0 && module.length === 0)) return [];
  const names: string[] = [];
  for (let index = next + 1; tokens[index] && tokens[index]!.kind !== 'end'; index += 1) {
    const { kind, text } = tokens[index]!;
    if (text === '*') names.push(text);
    else if (kind === 'name' && text === 'as') index += 1;
    else if (kind === 'name') names.push(text);
  }
  return [{ level, module, names, line: tokens[at]!.line }];
}

/** Whether the word `import` at this place belongs to a `from` before it. */
function isOfFrom(tokens: readonly Token[], at: number): boolean {
  let index = at - 1;
  while (index >= 0 && isPartOfName(tokens[index]!)) index -= 1;
  return isName(tokens[index], 'from');
}

const isPartOfName = ({ kind, text }: Token): boolean => text === '.' || (kind === 'name' && text !== 'from');

/** `import a.b as c, d`. */
function importStatement(tokens: readonly Token[], at: number): Import[] {
  const imports: Import[] = [];
  for (let index = at + 1; ;) {
    const { module, next } = dottedName(tokens, index);
    if (module.length > 0) imports.push({ level: 0, module, names: [], line: tokens[at]!.line });
    const behind = isName(tokens[next], 'as') ? next + 2 : next;
    if (tokens[behind]?.text !== ',') return imports;
    index = behind + 1;
  }
}

/** `import_module("a.b")`. */
function call(tokens: readonly Token[], at: number): Import[] {
  const [bracket, name] = [tokens[at + 1], tokens[at + 2]];
  if (bracket?.text !== '(' || name?.kind !== 'text') return [];
  const [, dots, dotted] = /^(\.*)(.*)$/s.exec(name.text)!;
  const module = dotted!.split('.');
  return module.every((part) => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(part))
    ? [{ level: dots!.length, module, names: [], line: name.line }]
    : [];
}

function dottedName(tokens: readonly Token[], at: number): { level: number; module: string[]; next: number } {
  let next = at;
  let level = 0;
  for (; tokens[next]?.text === '.'; next += 1) level += 1;
  const module: string[] = [];
  while (tokens[next]?.kind === 'name' && !isName(tokens[next], 'import')) {
    module.push(tokens[next]!.text);
    next += 1;
    if (tokens[next]?.text !== '.') break;
    next += 1;
  }
  return { level, module, next };
}

const isName = (token: Token | undefined, text: string): boolean => token?.kind === 'name' && token.text === text;
