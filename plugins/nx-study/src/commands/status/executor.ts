import type { ExecutorContext } from '@nx/devkit';
import { refuseLinks } from '../../graph/links.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { hasColor, print, printError } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { plannedOf } from './plan.ts';
import { openStatus } from './read.ts';
import { statusText } from './text.ts';
import { jsonOutput, lineOutput, terminalOutput, watchStatus } from './watch.ts';

export interface StatusOptions {
  study: string;
  watch?: boolean;
  json?: boolean;
  width?: number;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Shows where a study stands, from any terminal; measures nothing, and changes nothing. */
export default async function status(
  options: StatusOptions,
  { root, projectsConfigurations }: Pick<ExecutorContext, 'root' | 'projectsConfigurations'>,
): Promise<{ success: boolean }> {
  const { study, watch, json, width: asked } = options;
  try {
    refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
    refuseLinks(root, study);
    const source = openStatus(root, study, plannedOf(projectsConfigurations.projects, study));
    if (watch) {
      const { stdout } = process;
      const output = json ? jsonOutput(print) : stdout.isTTY ? terminalOutput(stdout, hasColor()) : lineOutput(print);
      await watchStatus(source, output);
    } else {
      const now = await source.look();
      const width = asked ?? (process.stdout.columns || COLUMNS_WITHOUT_TERMINAL);
      print(json ? visibleJson(now, 2) : `\n${statusText(now, width, hasColor())}\n`, hasColor());
    }
    return { success: true };
  } catch (error) {
    printError(error);
    return { success: false };
  }
}
