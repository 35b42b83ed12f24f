import { didYouMean } from './words.ts';

const at = (path: string) => (path === '' ? 'the value' : `\`${path}\``);

/** Problems of values of a JSON text; `path` is dotted. */
export const jsonTexts = {
  notFinite: (path: string, word: string) => `${at(path)}: ${word} is no JSON; write null, and why under \`reasons\``,
  inexact: (path: string, source: string) =>
    `${at(path)}: ${source} is not a number that can be kept: it would be ${Number(source)}. Write it as text, or in another unit`,
  repeated: (path: string) => `${at(path)} is there twice; write each key once`,
};

// The plugin sets this option itself.
const GIVEN = 'study';

/** Problems of a command's options. */
export const optionTexts = {
  unknown: (name: string, known: string[]) => {
    const others = known.filter((one) => one !== GIVEN);
    const hint = others.length > 0 ? didYouMean(name, others) : 'There are no options here.';
    return [`unknown option --${name}`, hint].filter(Boolean).join('. ');
  },
  positional: (values: string[]) => `unexpected ${values.join(' ')}: options have names, such as --json`,
};
