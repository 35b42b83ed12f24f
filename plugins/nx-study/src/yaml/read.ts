import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IrregularFile } from '../machine/texts.ts';
import { readLinked } from '../machine/regular-file.ts';
import { valueAt } from '../base/path.ts';
import type { Place, Problem } from './problem.ts';
import type { YamlSource } from './yaml.ts';
import type { Text } from '../base/words.ts';
import { fileTexts } from './texts.ts';
import type { StudyIssue } from './texts.ts';
import { isInside } from '../base/inside.ts';

const MOST_BYTES = 262_144;

/** The text of a YAML file of the workspace, or why it can't be read: too large (262,144 bytes), not UTF-8, outside. Throws nothing. */
export async function readText(
  workspaceRoot: string,
  file: string,
): Promise<{ text: string } | { problem: Text; code?: string }> {
  const path = join(workspaceRoot, file);
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) return { problem: fileTexts.tooLarge(size, MOST_BYTES) };
    if (!isInside(workspaceRoot, path)) return { problem: fileTexts.outside(file) };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readLinked(path)) };
  } catch (error) {
    if (error instanceof TypeError) return { problem: fileTexts.notUtf8() };
    const { code = '', message } = error as NodeJS.ErrnoException;
    const reason = error instanceof IrregularFile ? `it ${error.nature}` : message;
    return { problem: fileTexts.unreadable(reason), code };
  }
}

/** The problems that keep a YAML file from being a JSON value, as issues. */
export const yamlIssues = (file: string, yaml: YamlSource): StudyIssue[] =>
  yaml.problems.map(({ position, message, hint }) => ({
    ...wholeFile(file, { message, hint }),
    line: position?.line ?? null,
    column: position?.column ?? null,
  }));

/** An issue of the whole file. */
export const wholeFile = (file: string, { message, hint }: Text): StudyIssue => ({
  file,
  message,
  hint,
  line: null,
  column: null,
  path: '',
  combination: null,
  others: 0,
});

/** A problem as an issue, with line and column. */
export function issueAt(
  file: string,
  yaml: YamlSource,
  { at, value, message, hint, combination, others, ...rest }: Problem,
): StudyIssue {
  const { line, column } = yaml.locate({ at, ...rest });
  const found = value === undefined ? valueAt(yaml.value, at) : value;
  return {
    file,
    line,
    column,
    path: pathText(at),
    ...(found === undefined ? {} : { value: found }),
    message,
    hint,
    combination: combination ?? null,
    others: others ?? 0,
  };
}

const pathText = (at: Place): string =>
  at.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
