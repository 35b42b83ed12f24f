import { text } from '../base/words.ts';
import type { Constraints, Rule } from '../worker/constraints.ts';

export const constraintTexts = {
  refused: (constraints: Constraints, rule: Rule, message: string) =>
    text(
      `${message} (rule \`${rule.id}\`: ${behaviour(constraints, rule)})`,
      `${rule.hint} In a sweep, \`exclude\` leaves it out; with \`expect\` it is measured all the same, and must fail.`,
    ),
  notStarted: (problems: string[]) =>
    `its engine would not run these settings as they are, so it was not started: ${problems.join('; ')}`,
  unknown: (section: string, name: string) =>
    section === 'settings' ? `the worker has no setting \`${name}\`` : `there is no fact \`${section}.${name}\``,
};

/** What the engine itself would do, and how that is known. */
function behaviour({ engine, locked }: Constraints, { engine: { seen, how = 'refuses it' } }: Rule): string {
  return seen === null
    ? `${engine.name} ${locked.join(' and ')} ${how}, by its sources`
    : `${engine.name} ${seen} ${how}, as was seen`;
}
