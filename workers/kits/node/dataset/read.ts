import { InputProblem } from '../problem.ts';
import { entryOf } from './forms.ts';
import type { Entry, Form } from './forms.ts';
import { filledLines, textOf } from './text.ts';
import type { Place } from './text.ts';
import { beginningOf, datasetTexts as texts } from './texts.ts';

/** What a file of prompts or conversations has. */
export interface Entries {
  entries: Entry[];
  /** Conversations in which no user says anything: they are left out. */
  skipped: number;
}

/**
 * Reads a dataset: JSON lines (.jsonl), one entry in each, or else one JSON array or such lines.
 *
 * @throws InputProblem with file, line, path and value of what isn't in that form, and for a file without entries, or one that is not UTF-8.
 */
export function readDataset(file: string, form: Form): Entries {
  const of: Place = { setting: 'dataset.file', file };
  const read = valuesOf(of).map(({ value, place }) => entryOf(form, value, place));
  const entries = read.filter((entry) => entry.turns.length > 0);
  if (entries.length === 0) throw new InputProblem(texts.empty(form), of);
  return { entries, skipped: read.length - entries.length };
}

function valuesOf(of: Place): { value: unknown; place: Place }[] {
  const text = textOf(of);
  const whole = LINES.test(of.file) ? null : parsed(text);
  if (whole !== null && Array.isArray(whole.value))
    return whole.value.map((value, index) => ({ value, place: { ...of, entry: index + 1 } }));
  return filledLines(text, of).map(({ text: line, place }) => {
    const found = parsed(line);
    if (found === null) {
      const begun = beginningOf(line);
      throw new InputProblem(texts.noJson(begun), place, { value: begun });
    }
    return { value: found.value, place };
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
