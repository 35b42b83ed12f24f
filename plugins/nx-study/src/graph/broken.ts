/** Fails with the message of a study that can't be read. */
export default async function broken(options: { message: string }): Promise<{ success: boolean }> {
  console.error(`\n${options.message}\n`);
  return { success: false };
}
