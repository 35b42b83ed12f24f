import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Json } from '../base/json.ts';
import type { Problem } from './problem.ts';
import { MOST_LEVELS, NodeReader, positionOf } from './nodes.ts';
import type { Position, TextProblem } from './nodes.ts';
import type { Text } from '../base/words.ts';
import { fileTexts } from './texts.ts';

/** A YAML file as a JSON value whose places can be found again. */
export interface YamlSource {
  value: Json;
  problems: TextProblem[];
  /** Where a place of the value stands: its key, or its value; the nearest existing one around it otherwise. */
  locate: (problem: Pick<Problem, 'at' | 'key'>) => Position;
}

/**
 * Reads YAML 1.2 (core schema) that may be hostile. Anything that is no JSON value is a problem with its line: numbers that a
 * double can't hold, repeated keys, cycles, unknown tags. At most 200,000 values and 64 levels are read. Throws nothing.
 */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const source = parse(text, lines);
  if ('problems' in source) return { value: null, problems: source.problems, locate: () => ({ line: 1, column: 1 }) };
  const reader = new NodeReader(lines);
  const value = reader.readAll(source.contents);
  return {
    value,
    problems: reader.problems,
    locate: ({ at, key }) => reader.locate(source.contents, at, key === true),
  };
}

/** The library's code for text that is nested more deeply than its stack allows. */
const TOO_DEEP = 'RESOURCE_EXHAUSTION';

function parse(text: string, lines: LineCounter): Document.Parsed | { problems: TextProblem[] } {
  let document: Document.Parsed;
  try {
    // The library's own search for repeated keys takes quadratic time.
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      intAsBigInt: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    });
  } catch (error) {
    // Its composer is recursive.
    if (error instanceof RangeError) return { problems: [{ position: null, ...fileTexts.tooDeep(MOST_LEVELS) }] };
    throw error;
  }
  const { yaml } = document.directives;
  if (yaml.explicit && yaml.version !== '1.2') {
    const at = Math.max(0, text.search(/^%YAML/m));
    return { problems: [{ position: positionOf(at, lines), ...fileTexts.version(yaml.version) }] };
  }
  const all = [...document.errors, ...document.warnings];
  if (all.length === 0) return document;
  // Beyond a depth the library gives up at each level on its way back.
  const deep = all.find(({ code }) => code === TOO_DEEP);
  const found = all.filter((error) => error.code !== TOO_DEEP || error === deep);
  return { problems: found.map((error) => ({ position: placeOf(error, lines), ...explain(error, text) })) };
}

/** Where the library's stack ended depends on what else is on it, so only the line of that is known. */
function placeOf({ code, pos }: { code: string; pos: [number, number] }, lines: LineCounter): Position {
  const position = positionOf(pos[0], lines);
  return code === TOO_DEEP ? { ...position, column: 1 } : position;
}

function explain({ code, message, pos }: { code: string; message: string; pos: [number, number] }, text: string): Text {
  if (code === 'MULTIPLE_DOCS') return fileTexts.documents();
  if (code === TOO_DEEP) return fileTexts.tooDeep(MOST_LEVELS);
  if (code === 'TAB_AS_INDENT') return fileTexts.tab();
  if (code === 'TAG_RESOLVE_FAILED') return fileTexts.tag(text.slice(...pos).split(/\s/, 1)[0]!);
  return fileTexts.syntax(message.replaceAll(/\s+/g, ' '));
}
