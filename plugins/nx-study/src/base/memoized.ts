/**
 * A function that is called once for each key and then gives the same result again: the value, the promise, also a
 * rejected one. What throws is called again. Nothing is ever forgotten, so keys must be few, or the function short-lived.
 * @param keyOf - the arguments as a key; by default the first one as text.
 */
export function memoized<A extends readonly unknown[], V>(
  make: (...args: A) => V,
  keyOf: (...args: A) => string = (...args) => String(args[0]),
): (...args: A) => V {
  const made = new Map<string, V>();
  return (...args) => {
    const key = keyOf(...args);
    if (!made.has(key)) made.set(key, make(...args));
    return made.get(key)!;
  };
}
