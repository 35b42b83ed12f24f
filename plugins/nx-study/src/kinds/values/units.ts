/** Ends of names that are units, and how they are written. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['h', 'h'],
  ['s', 's'],
  ['ms', 'ms'],
  ['us', 'µs'],
  ['ns', 'ns'],
  ['bytes', 'bytes'],
  ['kib', 'KiB'],
  ['mib', 'MiB'],
  ['gib', 'GiB'],
  ['j', 'J'],
  ['mj', 'mJ'],
  ['kj', 'kJ'],
  ['wh', 'Wh'],
  ['kwh', 'kWh'],
  ['w', 'W'],
  ['mw', 'mW'],
  ['hz', 'Hz'],
  ['mhz', 'MHz'],
  ['c', '°C'],
  ['percent', '%'],
  ['tokens', 'tokens'],
  ['count', ''],
  ['ratio', ''],
]);

/**
 * Splits a name into label and unit: `load_ms` → load, ms; `decode_tokens_per_s` → decode, tokens/s. Without a known
 * unit the name is the label. `min` is a minimum more often than a minute, and stays in the label.
 */
export function unitOf(name: string): { label: string; unit: string } {
  const [head, ...per] = name.split('_per_');
  const words = head!.split('_');
  const last = words.at(-1)!;
  const denominators = per.map((word) => UNITS.get(word) || word);
  const isUnit = UNITS.has(last) && words.length > 1;
  const label = (isUnit ? words.slice(0, -1) : words).join(' ');
  const unit = isUnit ? UNITS.get(last)! : '';
  return { label, unit: denominators.length > 0 ? [unit || '1', ...denominators].join('/') : unit };
}
