/** Whether a text may be the name of an entry in studies/assets.yaml: it is no path. */
export const isAssetName = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text);

const PART = /^(?<stem>.*)-00001-of-(?<count>\d{5})\.gguf$/s;

/** The names of all parts of a GGUF model by that of its first one; null for any other file, and for an only part. */
export function partNames(first: string): string[] | null {
  const { stem, count } = PART.exec(first)?.groups ?? {};
  if (stem === undefined || Number(count) < 2) return null;
  const numbers = Array.from({ length: Number(count) }, (_, index) => String(index + 1).padStart(5, '0'));
  return numbers.map((number) => `${stem}-${number}-of-${count}.gguf`);
}
