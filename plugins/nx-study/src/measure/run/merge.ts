/**
 * Goes through several generators at once, and yields what comes as it comes. Where the reader ends early, `leave` is called,
 * and each of them is brought to its end.
 */
export async function* merged<T>(all: readonly AsyncGenerator<T>[], leave: () => void): AsyncGenerator<T> {
  const step = async (one: AsyncGenerator<T>) => ({ one, result: await one.next() });
  const coming = new Map(all.map((one) => [one, step(one)]));
  try {
    while (coming.size > 0) {
      const { one, result } = await Promise.race(coming.values());
      if (result.done) coming.delete(one);
      else {
        coming.set(one, step(one));
        yield result.value;
      }
    }
  } finally {
    if (coming.size > 0) leave();
    await Promise.all(coming.values());
    await Promise.all(all.map((one) => one.return(undefined)));
  }
}
