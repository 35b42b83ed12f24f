import type { Json, JsonObject } from '../base/json.ts';
import { visible } from '../base/visible.ts';
import { describeCombination, show, kindOf, didYouMean, list, text, nearOnly } from '../base/words.ts';
import { sharedByStudies } from '../workspace/places.ts';

/** One thing that is wrong in a study file. */
export interface StudyIssue {
  /** Relative to the workspace root. */
  file: string;
  /** From 1; null when the problem has no place in the file. */
  line: number | null;
  column: number | null;
  /** Where it stands in the file, for example `sweep.tune[1]`; empty for the whole file. */
  path: string;
  /** The offending value; absent when there is none. */
  value?: Json;
  message: string;
  hint: string | null;
  /** The axis values and variants that lead there; null when they don't matter. */
  combination: JsonObject | null;
  /** Further combinations with the same problem. */
  others: number;
}

/** A study that can't be planned; `message` lists everything that is wrong with it. */
export class StudyError extends Error {
  override name = 'StudyError';
  readonly file: string;
  readonly issues: StudyIssue[];

  constructor(file: string, issues: StudyIssue[]) {
    super(issuesText(`${file} can't be planned`, issues));
    this.file = file;
    this.issues = issues;
  }
}

const SHOWN = 30;

/** All that is wrong with a file. `head`: what can't be done for that. */
export function issuesText(head: string, issues: readonly StudyIssue[]): string {
  const count = issues.length === 1 ? 'one problem' : `${issues.length} problems`;
  const more = issues.length > SHOWN ? [`  … and ${issues.length - SHOWN} more problems`] : [];
  return [`${head}: ${count}`, ...issues.slice(0, SHOWN).map(formatIssue), ...more].join('\n\n');
}

function formatIssue({ file, line, column, path, message, hint, combination, others }: StudyIssue): string {
  const place = line === null ? file : `${file}:${line}:${column}`;
  return [
    `  ${place}${path && `  ${path}`}`,
    `    ${message}`,
    combination && `    with ${describeCombination(combination)}${others > 0 ? `, and ${others} more like it` : ''}`,
    hint && `    → ${hint}`,
  ]
    .flatMap((line) => (line ? [visible(line)] : []))
    .join('\n');
}

/** Problems of the file itself, before it means anything. */
export const fileTexts = {
  unreadable: (reason: string) => text(`the file can't be read: ${reason}`),
  missing: () => text("the file doesn't exist", `A study is a file ${sharedByStudies('<name>')}/study.yaml.`),
  outside: (target: string) =>
    text(`the file is a link that leaves the workspace: ${target}`, 'Put the file itself into the workspace.'),
  badName: (name: string) =>
    text(
      `the folder's name \`${name}\` is the study's name, and becomes part of Nx project names`,
      'Rename the folder: up to 60 of a–z, 0–9 and -, the first one not a -.',
    ),
  tooLarge: (bytes: number, limit: number) =>
    text(
      `the file has ${bytes.toLocaleString('en')} bytes; ${limit.toLocaleString('en')} is the most`,
      'Data belongs into files of its own; name them in the configuration.',
    ),
  notUtf8: () => text('the file is not UTF-8 text', 'Save it as UTF-8. UTF-16 and Latin-1 are not read.'),
  empty: () => text('the file is empty', 'The least it needs is `worker: <name>`.'),
  notAMap: (value: unknown) =>
    text(`the file must be a map of keys such as \`worker\` and \`base\`, but is ${kindOf(value)}`),
  documents: () => text('the file holds several YAML documents', 'Remove the line `---`; one study is one file.'),
  tab: () => text('a tab is used for indentation', 'YAML allows spaces only.'),
  syntax: (reason: string) => text(`not valid YAML: ${reason}`),
  tooDeep: (limit: number) => text(`values are nested deeper than ${limit} levels`),
  tooMany: (limit: number) =>
    text(
      `the file stands for more than ${limit.toLocaleString('en')} values; a repeated alias counts each time`,
      'Use fewer aliases (`*name`).',
    ),
  tooManyKeys: (limit: number) => text(`a map has more than ${limit.toLocaleString('en')} keys`),
  more: (count: number) => text(`there are ${count.toLocaleString('en')} more problems`),
  cycle: (name: string) => text(`the alias *${name} stands inside its own anchor &${name}, which never ends`),
  alias: (name: string, anchors: string[]) =>
    text(`the alias *${name} has no anchor before it`, didYouMean(name, anchors)),
  tag: (tag: string) => text(`the tag \`${tag}\` is not supported`, 'Write the plain value.'),
  knownTag: (tag: string, value: string | null) =>
    text(
      `the tag \`${tag}\` makes another value of ${value === null ? 'this' : `\`${value}\``}`,
      'Write the plain value; in quotes if it is text.',
    ),
  version: (version: string) =>
    text(
      `\`%YAML ${version}\` asks for another version than 1.2, in which the same text has other values`,
      'Remove the line.',
    ),
  mergeKey: () =>
    text('`<<` is not part of YAML 1.2', '`base` is merged into every experiment; put shared settings there.'),
  duplicateKey: (key: string, first: number) =>
    text(`the key \`${key}\` is here for the second time; first on line ${first}`),
  keyKind: (source: string) => text(`the key ${source} is not text`, 'Put it in quotes if it is meant as a name.'),
  keyNotNfc: (key: string) =>
    text(
      `the key \`${key}\` is not in Unicode normal form C, so that it looks like another key without being it`,
      `Write it as ${JSON.stringify(key.normalize('NFC'))} (composed characters).`,
    ),
  keyForbidden: (key: string) => text(`the key \`${key}\` is reserved by JavaScript`, 'Choose another name.'),
  keyEmpty: () => text('the key is empty'),
  integer: (source: string) =>
    text(
      `${source} is beyond ±9,007,199,254,740,991, from where on whole numbers can't be told apart`,
      'Quote it if it is a name, such as a long id.',
    ),
  leadingZero: (source: string) =>
    text(
      `${source} has a leading 0, with which YAML 1.1 and 1.2 read different values`,
      `Write ${source.replace(/^([-+]?)0+(?=\d)/, '$1')} for the decimal number${/^0+[1-7][0-7]*$/.test(source) ? `, ${source.replace(/^0+/, '0o')} for the octal one` : ''}, or put it in quotes if it is a name.`,
    ),
  numberOf11: (source: string) =>
    text(
      `${source} is text in YAML 1.2, and a number in YAML 1.1`,
      'Write a decimal number without separators, or put it in quotes if it is a name.',
    ),
  minusZero: (source: string) => text(`${source} is 0 with a minus, which would be lost`, 'Write 0.'),
  digits: (source: string, value: number) =>
    text(
      value === 0
        ? `${source} is too small for a number: it would be 0`
        : `${source} has more digits than a number can hold: it would be ${value}`,
      `Write ${value} if that is meant, or put it in quotes if it is text.`,
    ),
  notFinite: (source: string) => text(`${source} is not a finite number`, 'Leave the key out, or write null.'),
};

/** Problems of the study's grammar. */
export const grammarTexts = {
  unknownKey: (key: string, known: string[], hint: string | null) =>
    text(`unknown key \`${key}\``, hint ?? didYouMean(key, known)),
  wrongKind: (expected: string, value: unknown, hint: string | null) =>
    text(`this must be ${expected}, but is ${kindOf(value)}`, hint),
  missingKey: (key: string) => text(`the key \`${key}\` is missing here`),
  notAmong: (options: string[], value: unknown) =>
    text(
      `this must be ${list(options)}, but is ${show(value as Json)}`,
      typeof value === 'string' && options.length > 1 ? nearOnly(value, options) : null,
    ),
  outOfRange: (expected: string, value: unknown) => text(`this must be ${expected}, but is ${show(value as Json)}`),
  wrongForm: (message: string, value: unknown, hint: string | null) =>
    text(`${message}; it is ${show(value as Json)}`, hint),
  empty: (what: string) => text(`${what} is empty`, 'Fill it or leave the key out.'),
  other: (message: string) => text(message),
};

export function yamlHint(expected: string, value: Json): string | null {
  if (expected.includes('true or false') && typeof value === 'string' && /^(yes|no|on|off)$/i.test(value))
    return `Write ${/^(yes|on)$/i.test(value) ? 'true' : 'false'}; in YAML 1.2 \`${value}\` is text.`;
  if (/number/.test(expected) && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return 'Remove the quotes.';
  if (/number/.test(expected) && typeof value === 'string' && /^[\d_,]+$/.test(value))
    return 'Write digits without separators.';
  return null;
}
