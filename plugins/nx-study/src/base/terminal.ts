import { closeSync, constants, openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { OWN_STYLE } from './layout.ts';
import { visible } from './visible.ts';
import { reasonOf } from './reason.ts';
import { tried } from './errno.ts';

/**
 * Makes a text safe for a terminal: of all control characters only line feeds stay, and with `color` our own styles. All
 * output goes through here.
 */
export function forTerminal(text: string, color = false): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\t', '    ');
  if (!color) return visible(lines, '\n');
  // Every second part is one of our styles.
  return lines
    .split(OWN_STYLE)
    .map((part, index) => (index % 2 === 0 ? visible(part, '\n') : part))
    .join('');
}

export const print = (text: string, color = false): void => console.log(forTerminal(text, color));

/** Prints why a command failed. */
export const printError = (error: unknown): void => console.error(errorText(error));

/** What a command prints when it failed. */
export const errorText = (error: unknown): string => `\n${forTerminal(reasonOf(error))}\n`;

// https://no-color.org: any value but an empty one.
export const hasColor = (): boolean => process.stdout.isTTY && !process.env.NO_COLOR && process.stdout.hasColors();

/** What is known of the terminal that shows a text. */
export interface Screen {
  /** Characters in a line; undefined where it is no terminal. */
  columns: number | undefined;
  color: boolean;
}

/** Where this process prints. */
export const ownScreen = (): Screen => ({ columns: process.stdout.columns, color: hasColor() });

/** Where Nx prints: it shows the text of a batch itself, and takes it through a pipe. Known on Linux only. */
export function screenOfNx(nx = process.ppid): Screen {
  const fd = tried(() => openSync(`/proc/${nx}/fd/1`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK));
  if (fd === null) return ownScreen();
  if (!isatty(fd)) {
    closeSync(fd);
    return ownScreen();
  }
  const terminal = new WriteStream(fd);
  const screen = { columns: terminal.columns, color: !process.env.NO_COLOR && terminal.hasColors() };
  terminal.destroy();
  return screen;
}
