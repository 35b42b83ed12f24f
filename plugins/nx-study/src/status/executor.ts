import type { ExecutorContext } from '@nx/devkit';
import { refuseLinks } from '../graph/links.ts';
import { plannedOf } from './plan.ts';
import { openStatus } from './read.ts';
import { statusText } from './text.ts';
import { jsonOutput, lineOutput, terminalOutput, watchStatus } from './watch.ts';

export interface StatusOptions {
  study: string;
  watch?: boolean;
  json?: boolean;
  columns?: number;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Shows where a study stands, from any terminal; measures nothing, and changes nothing. */
export default async function status(
  { study, watch, json, columns }: StatusOptions,
  { root, projectsConfigurations }: Pick<ExecutorContext, 'root' | 'projectsConfigurations'>,
): Promise<{ success: boolean }> {
  try {
    refuseLinks(root, study);
    const source = openStatus(root, study, plannedOf(projectsConfigurations.projects, study));
    const print = (line: string) => console.log(line);
    if (watch) {
      const { stdout } = process;
      const output = json ? jsonOutput(print) : stdout.isTTY ? terminalOutput(stdout, hasColor()) : lineOutput(print);
      await watchStatus(source, output);
    } else {
      const now = await source.look();
      const width = columns ?? (process.stdout.columns || COLUMNS_WITHOUT_TERMINAL);
      print(json ? JSON.stringify(now, null, 2) : `\n${statusText(now, width, hasColor())}\n`);
    }
    return { success: true };
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return { success: false };
  }
}

// https://no-color.org: any value but an empty one.
const hasColor = () => process.stdout.isTTY && !process.env.NO_COLOR && process.stdout.hasColors();
