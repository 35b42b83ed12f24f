import type { QuantityName } from './engines.ts';
import type { NoPage } from './page.ts';
import type { ServerMetrics } from './watch.ts';

/** Why numbers of random prompts say little of this server; null where it drafted nothing, or doesn't tell. */
export function speculationProblem(metrics: ServerMetrics | NoPage): string | null {
  if ('reason' in metrics) return null;
  const [first, last] = [metrics.readings[0]!.values, metrics.readings.at(-1)!.values];
  const grew = (name: QuantityName) => (last[name] ?? 0) > (first[name] ?? 0);
  const drafted =
    grew('drafts') || grew('draft_tokens') || (metrics.names.drafts === undefined && (last.accept_length ?? 0) > 0);
  if (!drafted) return null;
  const [tokens, accepted] = (['draft_tokens', 'accepted_tokens'] as const).map(
    (name) => (last[name] ?? 0) - (first[name] ?? 0),
  ) as [number, number];
  const shown =
    tokens > 0 && last.accepted_tokens !== undefined ? `; it accepted ${accepted} of ${tokens} drafted tokens` : '';
  return `the server decodes speculatively${shown}, and the prompts are random: how much of a draft fits depends on the text, so times and rates are not those of real prompts. Give \`prompts\` or a \`dataset\``;
}
