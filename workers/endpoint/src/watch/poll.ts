/**
 * Reads now, then with a period, and once more at the end; one reading at a time: a late one leaves the next one out. `read` never
 * rejects. @returns what ends it.
 */
export async function poll(period_s: number, read: () => Promise<void>): Promise<() => Promise<void>> {
  await read();
  let reading: Promise<void> | null = null;
  const timer = setInterval(() => {
    reading ??= read().finally(() => (reading = null));
  }, 1000 * period_s);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await reading;
    await read();
  };
}
