import { isMap, isSeq, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import type { Json } from '../base/json.ts';
import { valueText } from './edit.ts';
import type { Place } from './problem.ts';

/**
 * A YAML text with one more item in a list: before the one at this position, or behind all of them. All else stays as it is.
 * A list that does not exist is made behind all else where its place is a key of the root.
 * @throws Error where there is no list, or it lies behind an alias.
 */
export function insertItem(text: string, at: Place, index: number, value: Json): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'error' });
  const list = at.length === 0 ? document.contents : document.getIn(at, true);
  const written = valueText(value);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (list === undefined && at.length === 1 && isMap(document.contents) && !document.contents.flow)
    return `${text}${text === '' || text.endsWith('\n') ? '' : eol}${at[0]}:${eol}  - ${written}${eol}`;
  if (!isSeq(list)) throw new Error(`${at.join('.')} is no list of its own`);
  const items = list.items as Node[];
  const [before, last] = [items[index], items.at(-1)];
  if (last === undefined) return splice(text, list.range!, `[${written}]`);
  const end = endOf(text, last);
  if (list.flow) {
    if (before === undefined) return splice(text, [end, end], `, ${written}`);
    return splice(text, [before.range![0], before.range![0]], `${written}, `);
  }
  const first = lineOf(text, items[0]!);
  const indent = /^[ \t]*/.exec(text.slice(first))![0];
  // The first item may stand behind another dash.
  if (text[first + indent.length] !== '-') throw new Error(`${at.join('.')} is no list in lines`);
  const line = `${indent}- ${written}${eol}`;
  if (before !== undefined) return splice(text, [lineOf(text, before), lineOf(text, before)], line);
  const lineEnd = text.indexOf('\n', end);
  return lineEnd === -1 ? `${text}${eol}${line.trimEnd()}` : splice(text, [lineEnd + 1, lineEnd + 1], line);
}

/** Where an item ends, without comments and the end of the line. */
function endOf(text: string, { range }: Node): number {
  const [start, end] = range!;
  return start + text.slice(start, end).trimEnd().length;
}

const lineOf = (text: string, { range }: Node): number => text.lastIndexOf('\n', range![0] - 1) + 1;

const splice = (text: string, [start, end]: readonly [number, number, ...number[]], by: string): string =>
  `${text.slice(0, start)}${by}${text.slice(end)}`;
