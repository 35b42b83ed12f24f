import { decodeOptions } from './encoding.ts';

/** Fails with the message of a study that can't be used. */
export default async function broken(options: object): Promise<{ success: boolean }> {
  const { message } = decodeOptions(options);
  console.error(`\n${String(message)}\n`);
  return { success: false };
}
