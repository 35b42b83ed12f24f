/** A glob that matches one path and no other. */
// A brace, bracket or star would be part of a pattern; an unclosed one ends every command of Nx.
export const exactly = (path: string): string =>
  path.replaceAll(/[*?[\]{}()@+|,\\]/g, (letter) => CLASSES[letter] ?? `[${letter}]`);

// A backslash escapes in a class, too.
const CLASSES: Record<string, string> = { '\\': '[\\\\]' };
