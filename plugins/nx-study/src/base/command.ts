import { errorText, ownScreen, printError, screenOfNx } from './terminal.ts';
import type { Screen } from './terminal.ts';

/** What a command of a study prints, and whether it went well. */
export interface Answer {
  success: boolean;
  /** As it may reach a terminal. */
  text: string;
}

/** Works on the study that the options name. What it throws is printed as the reason of its failure. */
type Command<Options, Context> = (options: Options, context: Context, screen: Screen) => Promise<Answer>;

export interface BatchResult {
  task: string;
  result: { success: boolean; terminalOutput: string; startTime: number; endTime: number };
}

/** The executor that runs a command for one study. */
export const forOne =
  <Options, Context>(command: Command<Options, Context>) =>
  async (options: Options, context: Context): Promise<{ success: boolean }> => {
    try {
      const { success, text } = await command(options, context, ownScreen());
      console.log(text);
      return { success };
    } catch (error) {
      printError(error);
      return { success: false };
    }
  };

/** The executor that runs a command for all studies of an Nx run in this process, one after another. Nx prints the texts. */
export const forAll = <Options, Context>(command: Command<Options, Context>) =>
  async function* (
    _taskGraph: unknown,
    inputs: Record<string, Options>,
    _overrides: unknown,
    context: Context,
  ): AsyncGenerator<BatchResult> {
    const screen = screenOfNx();
    for (const [task, options] of Object.entries(inputs)) {
      const startTime = Date.now();
      const { success, text } = await command(options, context, screen).catch((error: unknown) => ({
        success: false,
        text: errorText(error),
      }));
      yield { task, result: { success, terminalOutput: `${text}\n`, startTime, endTime: Date.now() } };
    }
  };
