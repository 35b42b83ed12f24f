import { basename } from 'node:path';
import { Unsupported } from '../errors.ts';
import { entryOf } from './forms.ts';
import type { Entry, Form, Place } from './forms.ts';
import { textOf } from './text.ts';
import { datasetTexts as texts } from './texts.ts';

/** What a file of prompts or conversations has. */
export interface Entries {
  entries: Entry[];
  /** Conversations in which no user says anything: they are left out. */
  skipped: number;
}

/**
 * Reads a dataset: JSON lines (.jsonl), one entry in each, or else one JSON array or such lines.
 *
 * @throws Unsupported with file, line, path and value of what isn't in that form, and for a file without entries, or one that is not UTF-8.
 */
export function readDataset(path: string, form: Form): Entries {
  const read = valuesOf(path).map(({ value, place }) => entryOf(form, value, place));
  const entries = read.filter((entry) => entry.turns.length > 0);
  if (entries.length === 0) throw new Unsupported(texts.empty(basename(path), form));
  return { entries, skipped: read.length - entries.length };
}

function valuesOf(path: string): { value: unknown; place: Place }[] {
  const file = basename(path);
  const text = textOf(path, 'dataset');
  const whole = LINES.test(file) ? null : parsed(text);
  if (whole !== null && Array.isArray(whole.value))
    return whole.value.map((value, index) => ({ value, place: `${file}, entry ${index + 1}` }));
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `${file}, line ${index + 1}`;
    const found = parsed(line);
    if (found === null) throw new Unsupported(texts.noJson(place, line));
    return [{ value: found.value, place }];
  });
}

const LINES = /\.(jsonl|ndjson)$/i;

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
