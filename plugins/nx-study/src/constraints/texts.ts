import { text } from '../base/words.ts';
import type { Constraints, Rule } from '../worker/constraints.ts';

export const constraintTexts = {
  refused: ({ engine, locked }: Constraints, { id, hint }: Rule, message: string) =>
    text(
      `${message} (rule \`${id}\`, ${engine.name} ${locked.join(' and ')})`,
      `${hint} In a sweep, \`exclude\` leaves it out; with \`expect\` it is measured all the same, and must fail.`,
    ),
  notStarted: (problems: string[]) =>
    `its engine can't run these settings, so it was not started: ${problems.join('; ')}`,
  unknown: (section: string, name: string) =>
    section === 'settings' ? `the worker has no setting \`${name}\`` : `there is no fact \`${section}.${name}\``,
};
