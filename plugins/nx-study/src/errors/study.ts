import { distance } from 'fastest-levenshtein';
import type { Json, JsonObject } from '../json.ts';
import { visible } from '../visible.ts';

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

/** The facts of an issue before its place in the file is known. */
export interface Text {
  message: string;
  hint: string | null;
}

/** A study that can't be planned; `message` lists everything that is wrong with it. */
export class StudyError extends Error {
  override name = 'StudyError';
  readonly file: string;
  readonly issues: StudyIssue[];

  constructor(file: string, issues: StudyIssue[]) {
    super(formatIssues(file, issues));
    this.file = file;
    this.issues = issues;
  }
}

const SHOWN = 30;

function formatIssues(file: string, issues: StudyIssue[]): string {
  const count = issues.length === 1 ? 'one problem' : `${issues.length} problems`;
  const more = issues.length > SHOWN ? [`  … and ${issues.length - SHOWN} more problems`] : [];
  return [`${file} can't be planned: ${count}`, ...issues.slice(0, SHOWN).map(formatIssue), ...more].join('\n\n');
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

/** `tune = 500, beta-prior = normal`. */
export function describeCombination(combination: JsonObject): string {
  return Object.entries(combination)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? cut(value) : show(value)}`)
    .join(', ');
}

/** A value as a person would write it, cut to a line. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return cut(JSON.stringify(value));
}

const cut = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

/** The kind of a value, with its article. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
}

const MOST_CANDIDATES = 500;

/** `Did you mean …?` when one of the candidates is near, else the list of them when it is short. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const all = [...candidates].slice(0, MOST_CANDIDATES);
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_. ]/g, '');
  const near = all
    .map((candidate) => ({ candidate, far: farness(plain(word), plain(candidate)) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3)))
    .sort((a, b) => a.far - b.far)[0];
  if (near) return `Did you mean \`${near.candidate}\`?`;
  return all.length > 0 && all.length <= 24 ? `It may be ${list(all)}.` : null;
}

// One that begins with the other is near, as `batchsize` and `batch`.
function farness(a: string, b: string): number {
  const begins = Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a));
  return begins ? 1 : distance(a, b);
}

/** `a`, `b` or `c`. */
export function list(words: Iterable<string>, joint = 'or'): string {
  const quoted = [...words].map((word) => `\`${word}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${joint} ${quoted.at(-1)}`;
}

const text = (message: string, hint: string | null = null): Text => ({ message, hint });

/** Problems of the file itself, before it means anything. */
export const fileTexts = {
  unreadable: (reason: string) => text(`the file can't be read: ${reason}`),
  missing: () => text("the file doesn't exist", 'A study is a file studies/<name>/study.yaml.'),
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

function nearOnly(word: string, options: string[]): string | null {
  const hint = didYouMean(word, options);
  return hint?.startsWith('Did') ? hint : null;
}

/** Problems of what the study means: workers, paths, axes, labels. */
export const studyTexts = {
  noWorker: (known: string[]) =>
    text(
      'the study names no worker',
      known.length > 0 ? `Add \`worker: \` and one of ${list(known)}.` : 'Add `worker: <name>`.',
    ),
  twoWorkers: () => text('the study has both `worker` and `workers`', 'Keep one of them.'),
  unknownWorker: (name: string, known: string[]) =>
    text(
      `there is no worker \`${name}\` in this workspace`,
      known.length > 0 ? didYouMean(name, known) : 'A worker is a folder workers/<name>/ with a worker.json.',
    ),
  repeatedWorker: (name: string) => text(`the worker \`${name}\` is listed twice`),
  foreignScope: (name: string, workers: string[]) =>
    text(
      `this experiment is measured by ${list(workers, 'and')}, so that settings of \`${name}\` would have no effect`,
    ),
  brokenWorker: (name: string, problem: string) => text(`the worker \`${name}\` can't be used: ${problem}`),
  unusedWorker: (name: string, used: string[]) =>
    text(
      `\`${name}\` is a worker that this study doesn't use, so that this would have no effect`,
      `The study uses ${list(used, 'and')}. List \`${name}\` under \`workers\`, or remove this.`,
    ),
  unknownScope: (name: string, used: string[]) =>
    text(`\`${name}\` is not a worker of this study`, didYouMean(name, used)),
  ambiguousScope: (name: string) =>
    text(
      `\`${name}\` is a worker's name and a setting of its configuration at once`,
      `Write \`${name}: {${name}: …}\` for the setting.`,
    ),
  scopeKind: (name: string, value: unknown) =>
    text(`\`${name}\` is a worker, so this must be a map of its settings, but is ${kindOf(value)}`),
  scopeAlone: (name: string) => text(`\`${name}\` is a worker's name, and no setting`, `Write \`${name}.<setting>\`.`),
  badPath: (key: string) =>
    text(`\`${key}\` is not a dotted path`, 'Parts are separated by single dots, as in `sample.rollcalls`.'),
  twice: (path: string, other: string) => text(`\`${path}\` is set twice, also by \`${other}\``, 'Keep one of them.'),
  clash: (path: string, own: string, other: string) =>
    text(
      `${own} sets \`${path}\`, which ${other} sets as well`,
      'Each setting may vary in one place only: remove one, or link them with `zip`, or name the combinations under `variants`.',
    ),
  groupIsAxis: (name: string) =>
    text(`the variants \`${name}\` have the name of an axis`, 'Rename the group; results name both.'),
  zipLengths: (lengths: [string, number][]) =>
    text(
      `linked axes must have equally many values: ${lengths.map(([name, count]) => `\`${name}\` has ${count}`).join(', ')}`,
      'Values at the same place belong together.',
    ),
  emptyGroup: (group: string) =>
    text(
      `no variant of \`${group}\` sets anything`,
      'Each variant is a map of settings; `{}` may stand for the unchanged one.',
    ),
  tooManyAxes: (count: number, limit: number) => text(`the study has ${count} axes; ${limit} is the most`),
  tooMany: (count: number, limit: number, product: string, before: boolean) =>
    text(
      `the plan has ${large(count)} measurements${before ? ' before any are excluded' : ''}, and the limit is ${large(limit)}: ${product}`,
      count <= 1_000_000 && !before
        ? `Take values away, or allow it: \`limits: {measurements: ${count}}\`.`
        : 'Take values away, link axes with `zip`, or name the combinations of interest under `variants`.',
    ),
  nothingLeft: () =>
    text('no experiment is left: `exclude` leaves out all of them', 'Narrow the entries of `exclude`.'),
  allInvalid: (worker: string) =>
    text(`no experiment of the worker \`${worker}\` is valid, so that \`invalid: skip\` would drop all of them`),
  matchesNothing: (what: string, why: string | null) => text(`this ${what} matches no experiment`, why),
  noSuchSetting: (path: string, known: string[]) =>
    `No experiment has \`${path}\`. ${didYouMean(path, known) ?? ''}`.trim(),
  noSuchLabel: (label: string, labels: string[]) =>
    `No experiment has the label \`${label}\`. ${didYouMean(label, labels) ?? ''}`.trim(),
  scopeIt: (worker: string, setting: string) =>
    `\`${worker}\` has it: write \`${worker}.${setting}\`, or put it under \`${worker}:\`.`,
  noSuchValue: (path: string, values: Json[]) =>
    `\`${path}\` is ${list([...new Set(values.map((value) => (typeof value === 'string' ? value : show(value))))].slice(0, 12))} here.`,
  unknownGroup: (name: string, groups: string[]) =>
    text(
      groups.length > 0
        ? `there are no variants named \`${name}\``
        : `there are no variants named \`${name}\`; the study has none`,
      didYouMean(name, groups),
    ),
  unknownVariant: (group: string, name: Json, names: string[]) =>
    text(`\`${group}\` has no variant ${show(name)}`, typeof name === 'string' ? didYouMean(name, names) : null),
  badLabel: (label: string) =>
    text(
      `the label ${JSON.stringify(label)} may hold a–z, 0–9 and - only, up to 60 of them, the first one not a -`,
      suggestion(label),
    ),
  duplicateLabel: (label: string, other: string) =>
    text(`the label \`${label}\` is taken by ${other}`, 'Labels name results; choose another one.'),
  platforms: (defaults: [string, string][]) =>
    text(
      `the workers ask for different platforms by default: ${defaults.map(([name, platform]) => `${name}: ${platform}`).join(', ')}`,
      'Say which one holds for this study: `platform: any`, `host`, or the name of a profile.',
    ),
  unknownPlatform: (name: string, known: string[]) =>
    text(
      `there is no platform \`${name}\``,
      `${nearOnly(name, known) ?? ''} A platform is \`any\`, \`host\`, or the name of a file studies/platforms/<name>.yaml.`.trim(),
    ),
  unknownGate: (name: string, known: string[]) =>
    text(
      `there is no gate \`${name}\``,
      known.length > 0 ? didYouMean(name, known) : "The kinds of this study's workers have no gates.",
    ),
  notMonotone: (path: string, numbers: string[]) =>
    text(`no experiment has a number at \`${path}\`, so that none is larger than another`, didYouMean(path, numbers)),
  gapOrder: (least: string, min: number, max: number) => text(`\`max_s\` is ${max}, less than \`${least}\`, ${min}`),
  dataMissing: (path: string) => text(`there is no file ${path}`, "Paths are relative to the study file's folder."),
  dataNotFile: (path: string) => text(`${path} is not a file`),
  dataAbsolute: (path: string) =>
    text(
      `the data file ${JSON.stringify(path)} is an absolute path, which no other clone has`,
      "Write it relative to the study file's folder.",
    ),
  dataBackslash: (path: string) => text(`the path ${JSON.stringify(path)} has backslashes`, 'Separate folders with /.'),
  dataOutside: (path: string) =>
    text(
      `the data file ${JSON.stringify(path)} leaves the workspace`,
      'Copy the data into the workspace, for example to studies/data.',
    ),
  dataLinkOutside: (path: string, target: string) =>
    text(
      `${path} is a link that leaves the workspace: ${target}`,
      'Copy the data into the workspace, for example to studies/data.',
    ),
  dataUnreadable: (path: string, reason: string) => text(`${path} can't be read: ${reason}`),
  dataKeyDot: (key: string) => text(`a data file can't stand below the key \`${key}\`, which has a dot`),
};

const large = (count: number) => (count <= 1e15 ? count.toLocaleString('en') : 'more than 10^15');

function suggestion(label: string): string | null {
  const better = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return better ? `\`${better}\` would do.` : null;
}

/** Problems of a resolved configuration, against its worker's schema. */
export const configTexts = {
  unknown: (key: string, parent: string, known: string[], worker: string) =>
    text(`the worker \`${worker}\` has no setting \`${parent}${key}\``, didYouMean(key, known)),
  unknownHere: (key: string, parent: string, known: string[], choice: string) =>
    text(
      `\`${parent}${key}\` doesn't go with ${choice}`,
      known.length > 0 ? `That takes ${list(known, 'and')}.` : null,
    ),
  missing: (path: string, worker: string, what: string | null) =>
    text(`\`${path}\` is missing: the worker \`${worker}\` needs it`, what),
  missingHere: (path: string, choice: string) => text(`\`${path}\` is missing, which goes with ${choice}`),
  missingTag: (path: string, options: Json[]) =>
    text(`\`${path}\` is missing`, options.length > 0 ? `It may be ${list(options.map(String))}.` : null),
  kind: (path: string, expected: string, value: Json) =>
    text(`\`${path}\` must be ${expected}, but is ${show(value)}`, yamlHint(expected, value)),
  range: (path: string, expected: string, value: Json) =>
    text(`\`${path}\` must be ${expected}, but is ${show(value)}`),
  form: (path: string, meaning: string | null, pattern: string, value: Json) =>
    text(
      `\`${path}\` has not the form that it needs: ${show(value)}`,
      meaning ?? `The worker's schema asks for \`${pattern}\`.`,
    ),
  among: (path: string, options: Json[], value: Json) =>
    text(
      `\`${path}\` must be ${list(options.map((option) => (typeof option === 'string' ? option : show(option))))}, but is ${show(value)}`,
      typeof value === 'string'
        ? nearOnly(
            value,
            options.filter((option) => typeof option === 'string'),
          )
        : null,
    ),
  noBranch: (path: string, branches: string[], value: Json) =>
    text(`\`${path}\` must be ${[...new Set(branches)].join(', or ')}, but is ${show(value)}`),
  other: (path: string, message: string, value: Json) => text(`\`${path}\` ${message}, but is ${show(value)}`),
};

function yamlHint(expected: string, value: Json): string | null {
  if (expected.includes('true or false') && typeof value === 'string' && /^(yes|no|on|off)$/i.test(value))
    return `Write ${/^(yes|on)$/i.test(value) ? 'true' : 'false'}; in YAML 1.2 \`${value}\` is text.`;
  if (/number/.test(expected) && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return 'Remove the quotes.';
  if (/number/.test(expected) && typeof value === 'string' && /^[\d_,]+$/.test(value))
    return 'Write digits without separators.';
  return null;
}

/** Problems of a worker's own files. */
export const workerTexts = {
  manifest: (file: string, reason: string) =>
    `${file} is not a valid worker manifest: ${reason}. workers/README.md explains each key.`,
  secretsInContainer:
    'the variables that it names reach no worker in a container. Take it out, or use an environment of another type',
  json: (file: string, reason: string) => `${file} is not valid JSON: ${reason}`,
  missing: (file: string) => `${file} doesn't exist`,
  outside: (file: string) => `${file} leaves the workspace`,
  name: (name: string) =>
    `the folder workers/${name} can't be a worker: names have a–z, 0–9, - and _ only, the first one a letter`,
  schema: (file: string, reason: string) => `${file} is not a usable JSON Schema (draft 2020-12): ${reason}`,
  variantKey: (file: string, by: string, schema: string) =>
    `${file} chooses the environment's variant by \`${by}\`, which is no setting in ${schema}`,
  open: (file: string) =>
    `${file} must describe an object and refuse unknown settings ("type": "object", "additionalProperties": false); else a misspelt setting would pass unnoticed`,
};
