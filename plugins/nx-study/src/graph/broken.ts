import { printError } from '../base/terminal.ts';
import { decodeOptions } from './encoding.ts';

/** Fails with the message of a study that can't be used. */
export default async function broken(options: object): Promise<{ success: boolean }> {
  const { message } = decodeOptions(options) as { message: string };
  printError(message);
  return { success: false };
}
