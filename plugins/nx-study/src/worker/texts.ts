import { didYouMean, list, show, text, nearOnly } from '../base/words.ts';
import type { Text } from '../base/words.ts';
import type { Json } from '../base/json.ts';
import { yamlHint } from '../yaml/texts.ts';
import { workersFolder } from '../workspace/places.ts';

const quoted = (value: string): string => JSON.stringify(value);

/** Problems of globs of `measuring` and `deriving`. */
export const patternTexts = {
  placeholder: (pattern: string, name: string) =>
    text(
      `the pattern ${quoted(pattern)} has the unknown placeholder \`{${name}}\``,
      name === 'worker'
        ? 'Leave it out: patterns are relative to the folder of the worker.'
        : `${nearPlaceholder(name)}Only \`{kits}\` and \`{workspace}\` stand for something here.`,
    ),
  inside: (pattern: string, name: string) =>
    text(`the pattern ${quoted(pattern)} has \`{${name}}\` in its middle`, 'It can only stand at the beginning.'),
  absolute: (pattern: string) =>
    text(
      `the pattern ${quoted(pattern)} is an absolute path`,
      'Write it relative to the folder of the worker, or begin it with `{workspace}` or `{kits}`: other clones lie elsewhere.',
    ),
  outside: (pattern: string) =>
    text(`the pattern ${quoted(pattern)} leaves the workspace`, 'Copy these files into the folder of the worker.'),
  never: (pattern: string) =>
    text(
      `the pattern ${quoted(pattern)} names results, installed packages, or what git and Nx keep, which are no code`,
      'Take it out. For packages name the lock file, such as "{workspace}/package-lock.json".',
    ),
  onlyNegations: (key: string) =>
    text(`${key} has only patterns that leave files out`, 'Add the patterns of the files that count.'),
  nothing: (pattern: string, hint: string | null) =>
    text(`the pattern ${quoted(pattern)} matches no file`, hint ?? 'Correct it, or take it out.'),
  linked: (pattern: string, link: string) =>
    text(
      `the pattern ${quoted(pattern)} leaves out what lies behind ${link}, which is a link to a folder`,
      `Link single files, or name the folder itself; if nothing in it counts, add ${quoted(`!${link}/**`)}.`,
    ),
  excluded: (pattern: string, negations: string[]) =>
    text(
      `all files that the pattern ${quoted(pattern)} matches are left out again by ${list(negations, 'and')}`,
      'Take one of the two out.',
    ),
};

const nearPlaceholder = (name: string): string =>
  /^w/i.test(name) ? 'Did you mean `{workspace}`? ' : /^k/i.test(name) ? 'Did you mean `{kits}`? ' : '';

/** Problems of the projects that a worker measures, and of the targets that it depends on. */
export const projectTexts = {
  unknown: (name: string, known: string[]) =>
    text(
      `no project.json, and no package.json of a workspace package, names the project \`${name}\``,
      [
        ...(nearOnly(name, known) === null ? [] : [nearOnly(name, known)]),
        'If another plugin of Nx names it, list its files in `measuring`: "{workspace}/…/**".',
      ].join(' '),
    ),
  whole: (name: string) =>
    text(
      `the project \`${name}\` is the whole workspace, with studies and workers`,
      'List the files that count in `measuring`, such as "{workspace}/src/**".',
    ),
  empty: (name: string, folder: string) =>
    text(
      `the project \`${name}\` has no file that counts in ${folder}`,
      'Git ignores them, or `measuring` leaves them out.',
    ),
};

/** Problems of a worker's projects and targets that show in Nx's whole graph only. */
export const dependencyTexts = {
  noProject: (file: string, named: string, project: string, known: string[]) =>
    `${file}: \`dependsOn\` names ${quoted(named)}, but there is no project \`${project}\`. ${nearOnly(project, known) ?? 'nx show projects lists all.'}`,
  noTarget: (file: string, named: string, { project, target }: { project: string; target: string }, known: string[]) =>
    `${file}: \`dependsOn\` names ${quoted(named)}, but the project \`${project}\` has no target \`${target}\`. ${didYouMean(target, known) ?? 'It has none.'}`,
  unlisted: (file: string, missing: (readonly [name: string, by: string])[]) =>
    `${file}: ${missing.map(([name, by]) => `the project \`${by}\` depends on \`${name}\``).join(', and ')}, which \`projects\` does not list: after an edit there, old numbers would count as current. Add ${missing.map(([name]) => quoted(name)).join(', ')}.`,
};

/** Hints for a pattern that matches no file. */
export const patternHints = {
  folder: (pattern: string) => `It is a folder: write \`${pattern.replace(/\/+$/, '')}/**\`.`,
  hidden: (file: string) => `It matches hidden files only, such as \`${file}\`: write their dots.`,
  otherCase: (file: string) => `\`${file}\` is there: capital letters count.`,
  backslash: 'Write `/` between folders.',
  near: (name: string, names: string[]) => {
    const hint = didYouMean(name, names);
    return hint?.startsWith('Did') ? hint : null;
  },
};

/** How a command or an environment variable escapes the identity of what is measured. */
export const commandTexts = {
  placeholder: (place: string, name: string, known: string[]) =>
    text(`${place} has the unknown placeholder \`{${name}}\``, didYouMean(name, known) ?? `Known are ${list(known)}.`),
  workspaceRoot: (place: string) =>
    text(`${place} has the unknown placeholder \`{workspaceRoot}\``, 'Write `{workspace}`.'),
  notHere: (place: string, name: string, where: string) =>
    text(`${place} has the placeholder \`{${name}}\`, which has a value only ${where}`),
  uncovered: (place: string, file: string, key: string, pattern: string) =>
    text(
      `${place} names ${file}, which no pattern of ${key} covers: after an edit of it, old numbers would count as current`,
      `Add ${quoted(pattern)} to \`measuring\`${key.includes('deriving') ? ' or `deriving`' : ''}.`,
    ),
  uncoveredFolder: (place: string, folder: string, pattern: string) =>
    text(
      `${place} names ${folder}, where programs look for code, and no pattern of \`measuring\` or \`deriving\` covers a file there`,
      `Add a pattern such as ${quoted(pattern)} to \`measuring\`, or take the folder out.`,
    ),
};

/** All that is wrong, each with its line. */
export function workerProblems(file: string, problems: (Text & { line: number | null })[]): string {
  const one = ({ line, message, hint }: Text & { line: number | null }) =>
    `${line === null ? file : `${file}:${line}`}: ${message}${hint === null ? '' : `. ${hint}`}`;
  return [...new Set(problems.map(one))].join('\n');
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
      `\`${path}\` doesn't have the form that it needs: ${show(value)}`,
      meaning ?? `The worker's schema asks for \`${pattern}\`.`,
    ),
  notHere: (path: string, meaning: string | null, value: Json) =>
    text(`\`${path}\` can't be ${show(value)} here`, meaning ?? "The worker's schema forbids it."),
  keyNotHere: (key: string, meaning: string | null) =>
    text(`\`${key}\` can't be set here`, meaning ?? "The worker's schema forbids it."),
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

/** Problems of a worker's own files. */
export const workerTexts = {
  manifest: (file: string, reason: string) =>
    `${file} is not a valid worker manifest: ${reason}. schemas/worker.schema.json of the package nx-study explains each key.`,
  secretsInContainer:
    'the variables that it names reach no worker in a container. Take it out, or use an environment of another type',
  json: (file: string, reason: string) => `${file} is not valid JSON: ${reason}`,
  missing: (file: string) => `${file} doesn't exist`,
  outside: (file: string) => `${file} leaves the workspace`,
  name: (name: string) =>
    `the folder ${workersFolder()}/${name} can't be a worker: names have a–z, 0–9, - and _ only, the first one a letter`,
  schema: (file: string, reason: string) => `${file} is not a usable JSON Schema (draft 2020-12): ${reason}`,
  constraints: (file: string, reason: string) =>
    `${file} is no table of constraints: ${reason}. schemas/constraints.schema.json of the package nx-study explains each key`,
  rule: (file: string, id: string, reason: string) => `${file}: the rule \`${id}\` can't be used: ${reason}`,
  engineVersions: (file: string, versions: string) =>
    `${file}: ${quoted(versions)} is no range of versions. Write it like ">=5.24,<5.25"`,
  variantKey: (file: string, by: string, schema: string) =>
    `${file} chooses the environment's variant by \`${by}\`, which is no setting in ${schema}`,
  ownLock: (file: string, setting: string, schema: string) =>
    `${file} takes a lock of the study's own from \`${setting}\`, which is no setting with "format": "data-file" in ${schema}`,
  open: (file: string) =>
    `${file} must describe an object and refuse unknown settings ("type": "object", "additionalProperties": false); else a misspelt setting would pass unnoticed`,
};
