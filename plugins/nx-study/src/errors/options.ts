import { didYouMean } from './study.ts';

// The plugin gives it itself.
const GIVEN = 'study';

/** What is wrong with the options of a command. */
export const optionTexts = {
  unknown: (name: string, known: string[]) => {
    const others = known.filter((one) => one !== GIVEN);
    const hint = others.length > 0 ? didYouMean(name, others) : 'There are no options here.';
    return [`unknown option --${name}`, hint].filter(Boolean).join('. ');
  },
  positional: (values: string[]) => `unexpected ${values.join(' ')}: options have names, such as --json`,
};
