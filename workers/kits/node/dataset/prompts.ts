import { InputProblem } from '../problem.ts';
import { filledLines, textOf } from './text.ts';
import type { Line } from './text.ts';

/**
 * The prompts of a text file, one a line, as the setting `prompts` names it.
 *
 * @throws InputProblem for a file that can't be read, and for one without a prompt.
 */
export function readPrompts(file: string): Line[] {
  const of = { setting: 'prompts', file };
  const lines = filledLines(textOf(of), of);
  if (lines.length === 0) throw new InputProblem('it has no prompt: write one a line', of);
  return lines;
}
