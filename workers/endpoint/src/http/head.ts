/** Request line and headers of a POST, up to its length: `endOf` gives the rest. */
export function headOf(url: URL, headers: Record<string, string>): string {
  const all = { host: url.host, connection: 'keep-alive', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}`;
}

/** The length of a body, as the last header. */
export const endOf = (body: string): string => `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;

/** Of `Keep-Alive: timeout=5`, in ms; Infinity when it tells nothing. */
export function keptFor(header: string | undefined): number {
  const timeout = /(?:^|[\s,;])timeout\s*=\s*"?(\d+)/i.exec(header ?? '');
  return timeout === null ? Infinity : 1000 * Number(timeout[1]);
}

/** Of `Retry-After`, in s; a date counts from now. null when it tells nothing. */
export function secondsOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
