import { didYouMean, list } from './study.ts';
import type { Text } from './study.ts';

const text = (message: string, hint: string | null = null): Text => ({ message, hint });
const quoted = (value: string): string => JSON.stringify(value);

/** Why a glob of `measuring` or `deriving` doesn't say which files count. */
export const patternTexts = {
  placeholder: (pattern: string, name: string) =>
    text(
      `the pattern ${quoted(pattern)} has the unknown placeholder \`{${name}}\``,
      name === 'worker'
        ? 'Leave it out: patterns are relative to the folder of the worker.'
        : `${/^k[a-z]*$/i.test(name) ? 'Did you mean `{kits}`? ' : ''}Only \`{kits}\` stands for something here.`,
    ),
  kitsInside: (pattern: string) =>
    text(`the pattern ${quoted(pattern)} has \`{kits}\` in its middle`, 'It can only stand at the beginning.'),
  absolute: (pattern: string) =>
    text(
      `the pattern ${quoted(pattern)} is an absolute path`,
      'Write it relative to the folder of the worker, or begin it with `{kits}`: other clones lie elsewhere.',
    ),
  outside: (pattern: string) =>
    text(`the pattern ${quoted(pattern)} leaves the workspace`, 'Copy these files into the folder of the worker.'),
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

/** What may have been meant by a pattern that matches no file. */
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
    text(`${place} has the unknown placeholder \`{workspaceRoot}\``, 'Write `{worker}/../..` for the workspace.'),
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
