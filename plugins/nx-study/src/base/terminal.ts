import { OWN_STYLE } from './layout.ts';
import { visible } from './visible.ts';
import { reasonOf } from './reason.ts';

/**
 * Text as it may reach a terminal: only line feeds, and with `color` the styles of our own, are left of what steers one.
 * All that we print goes through here.
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
export const printError = (error: unknown): void => console.error(`\n${forTerminal(reasonOf(error))}\n`);

// https://no-color.org: any value but an empty one.
export const hasColor = (): boolean => process.stdout.isTTY && !process.env.NO_COLOR && process.stdout.hasColors();
