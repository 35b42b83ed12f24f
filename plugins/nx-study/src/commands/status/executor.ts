import type { ExecutorContext } from '@nx/devkit';
import { forAll, forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseLinks } from '../../graph/links.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal, hasColor, print, printError } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { plannedOf } from './plan.ts';
import { openStatus } from './read.ts';
import type { StatusSource } from './read.ts';
import { statusText } from './text.ts';
import { statusTexts } from './texts.ts';
import { jsonOutput, lineOutput, terminalOutput, watchStatus } from './watch.ts';

export interface StatusOptions {
  study: string;
  watch?: boolean;
  json?: boolean;
  width?: number;
}

type Context = Pick<ExecutorContext, 'root' | 'projectsConfigurations'>;

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Shows where a study stands, from any terminal; measures nothing, and changes nothing. */
export default async function status(options: StatusOptions, context: Context): Promise<{ success: boolean }> {
  return options.watch ? follow(options, context) : forOne(statusOf)(options, context);
}

/** Shows it once, for all studies of an Nx run with `--batch`. */
export const statusAll = forAll(statusOf);

async function statusOf(options: StatusOptions, context: Context, { columns, color }: Screen): Promise<Answer> {
  const source = open(options, context);
  if (options.watch) throw new Error(statusTexts.watchInBatch(options.study));
  const now = await source.look();
  if (options.json) return { success: true, text: forTerminal(visibleJson(now, 2)) };
  const width = options.width ?? (columns || COLUMNS_WITHOUT_TERMINAL);
  return { success: true, text: forTerminal(`\n${statusText(now, width, color)}\n`, color) };
}

async function follow(options: StatusOptions, context: Context): Promise<{ success: boolean }> {
  try {
    const source = open(options, context);
    const { stdout } = process;
    const text = () => (stdout.isTTY ? terminalOutput(stdout, hasColor()) : lineOutput(print));
    await watchStatus(source, options.json ? jsonOutput(print) : text());
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}

function open(options: StatusOptions, { root, projectsConfigurations }: Context): StatusSource {
  const { study } = options;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  refuseLinks(root, study);
  return openStatus(root, study, plannedOf({ projectsConfigurations, root }, study));
}
