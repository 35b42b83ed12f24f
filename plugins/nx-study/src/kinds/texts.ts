/** Texts of results and reports. */
export const unknownKind = (name: string, known: string[]) =>
  `"${name}" is no kind of result. Known kinds: ${known.join(', ')}`;
