/** Where a server that was just started shows that it is ready. */
export interface Health {
  address: URL;
  /** The address is the usual one, /health, which not every server has. */
  isUsual: boolean;
  /** Base URL of the API. */
  base: string;
  headers: Record<string, string>;
}

/** Why the server isn't ready; null when it is. */
export async function problemWith(health: Health, limitMs: number): Promise<string | null> {
  const { address, isUsual, base, headers } = health;
  const seen = await look(address, ownHeaders(address, base, headers), limitMs);
  if (seen.isReady) return null;
  // It has no such page, or wants a key for it: whether it is loading is then a matter of its API.
  const asksApi = seen.status === 401 || seen.status === 403 || (seen.status === 404 && isUsual);
  if (!asksApi) return seen.problem;
  const models = new URL(base);
  models.pathname = `${models.pathname.replace(/\/+$/, '')}/models`;
  const api = await look(models, headers, limitMs);
  // What it refuses here it answers: the first request shows whether address and key are right.
  return api.isReady || REFUSALS.has(api.status ?? 0) ? null : `${seen.problem}, and ${models.href}: ${api.problem}`;
}

const REFUSALS = new Set([400, 401, 403, 404, 405]);

interface Seen {
  isReady: boolean;
  status: number | null;
  problem: string;
}

async function look(address: URL, headers: Record<string, string>, limitMs: number, hops = 3): Promise<Seen> {
  try {
    const response = await fetch(address, {
      headers,
      // The headers may hold a key: it is for this server alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(limitMs))),
    });
    await response.body?.cancel();
    const location = response.headers.get('location');
    const next = location !== null && URL.canParse(location, address.href) ? new URL(location, address) : null;
    if (next?.origin === address.origin && hops > 0) return await look(next, headers, limitMs, hops - 1);
    return { isReady: response.ok, status: response.status, problem: `it answered with HTTP ${response.status}` };
  } catch (error) {
    const { message, cause } = error as Error;
    return { isReady: false, status: null, problem: cause instanceof Error ? cause.message : message };
  }
}

/** None for another server than that of the API: they may hold its key. */
const ownHeaders = (address: URL, base: string, headers: Record<string, string>): Record<string, string> =>
  address.origin === new URL(base).origin ? headers : {};
