/** Whether a text may be the name of an entry in studies/assets.yaml: it is no path. */
export const isAssetName = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text);

// The llama-cpp worker has the same rule; workers/kits/conformance/gguf-parts.json tests both.
const PART = /^(?<stem>.*)-\d{5}-of-(?<count>(?!00000)\d{5})\.gguf$/s;

/** The names, or paths, of all parts of a GGUF model by that of one of them, in order; null for any other file. */
export function partsOf(part: string): string[] | null {
  const { stem, count } = PART.exec(part)?.groups ?? {};
  if (stem === undefined) return null;
  const numbers = Array.from({ length: Number(count) }, (_, index) => String(index + 1).padStart(5, '0'));
  return numbers.map((number) => `${stem}-${number}-of-${count}.gguf`);
}

/** The first part of the model of which a file is a later part; null for any other file. */
export function firstPartOf(part: string): string | null {
  const [first] = partsOf(part) ?? [];
  return first === undefined || first === part ? null : first;
}

/** The same by the first part; null for any other file, and for an only part. */
export function partNames(first: string): string[] | null {
  const parts = partsOf(first);
  return parts !== null && parts.length > 1 && parts[0] === first ? parts : null;
}
