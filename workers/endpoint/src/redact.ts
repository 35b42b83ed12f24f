import { readFileSync, statSync, writeFileSync } from 'node:fs';

/** Replaces secrets in texts, also without the scheme before them and as in a URL. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, secret.replace(/^\w+ +/, '')])
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .filter((form) => form.length >= SHORTEST);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((shown, form) => shown.replaceAll(form, '…'), text);
}

// Shorter ones would be found in many words; they are no secrets.
const SHORTEST = 4;

const LARGEST_FILE = 256 << 20;

/** Takes secrets out of a file; one that is too large for that, or isn't there, is left as it is. */
export function redactFile(path: string, secrets: readonly string[]): void {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (secrets.length === 0 || size === 0 || size > LARGEST_FILE) return;
  const text = readFileSync(path, 'latin1');
  const shown = redactor(secrets.map((secret) => Buffer.from(secret).toString('latin1')))(text);
  if (shown !== text) writeFileSync(path, shown.replaceAll('…', '...'), 'latin1');
}

/** A JSON value with all its texts redacted; lists of numbers are left as they are. */
export function redacted<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === 'string') return redact(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return (typeof value[0] === 'number' ? value : value.map((item: unknown) => redacted(item, redact))) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redacted(item, redact)])) as T;
}
