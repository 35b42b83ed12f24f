import type { Events } from '../../kits/node/index.ts';
import { cachedTokens, isFresh } from './cached.ts';
import type { recordOf } from './count.ts';
import type { CacheCounters } from './watch/watch.ts';
import type { Identity } from './identify.ts';
import type { ClientLag } from './lag.ts';
import { PAUSE_AFTER_AN_ERROR_MS } from './load/loop.ts';
import { changesBetween } from './told.ts';
import type { Workload } from './client.ts';

interface Measured {
  workload: Pick<Workload, 'index' | 'load'>;
  requests: ReturnType<typeof recordOf>[];
  lag: ClientLag;
  /** What the server counted meanwhile; null when it counts nothing. */
  cache: CacheCounters | null;
  /** That a chat template adds to prompts which nobody counts here; null when nobody tells. */
  template_tokens: number | null;
}

const LATE_START_S = 0.01;
const BUSY_CLIENT = 0.8;

/** Warns about what spoils a workload's numbers, or changes what they mean. */
export function warnAbout(events: Events, { workload, requests, lag, cache, template_tokens }: Measured): void {
  const where = `workload ${workload.index}`;
  const failed = requests.flatMap(({ error }) => error ?? []);
  if (failed.length > 0)
    events.warning(
      'failed-requests',
      `${where}: ${failed.length} of ${requests.length} requests failed; the first (${failed[0]!.type}): ${failed[0]!.message}` +
        (workload.load.mode === 'closed'
          ? `. A user waits ${PAUSE_AFTER_AN_ERROR_MS / 1000} s after a failure, so fewer requests than asked for were under way, and rates are too low`
          : ''),
    );
  const again = requests.filter(({ sent_again }) => sent_again > 0).length;
  if (again > 0)
    events.warning(
      'sent-again',
      `${where}: ${again} of ${requests.length} requests were sent again, for the server closed their connection before it answered: ` +
        "it closes idle ones at once, or it fails in a way that can't be told from that; only the last try is in the times",
    );
  const embedded = requests.flatMap(({ embeddings, end_s }) => (embeddings && end_s !== null ? [end_s] : []));
  const each = embedded.length > 0 ? 'answers' : 'chunks';
  const gap_s = embedded.length > 0 ? median(embedded) : usualGap(requests.map(({ chunk_times_s }) => chunk_times_s));
  const isTooMuch = (share: number, late_s: number | null) =>
    share > BUSY_CLIENT || (gap_s !== null && late_s !== null && late_s > gap_s / 2);
  if (isTooMuch(lag.own_share, lag.own_p99_s))
    events.warning('client-saturated', `${where}: ${delays(lag, gap_s, each)}: its own delays are in the times`);
  else if (isTooMuch(lag.busy_share, lag.p99_s))
    events.warning(
      'client-delayed',
      `${where}: ${delays(lag, gap_s, each)}: others had its core, or stopped it, and these delays are in the times`,
    );
  const late = requests.filter(
    ({ scheduled_s, start_s, waited_s }) => scheduled_s !== null && start_s - scheduled_s - waited_s > LATE_START_S,
  );
  if (late.length > 0)
    events.warning(
      'late-starts',
      `${where}: ${late.length} of ${requests.length} requests started more than ${LATE_START_S} s after their time`,
    );
  const cached = cachedTokens(requests, cache, template_tokens ?? 0);
  if (isFresh(cached)) return;
  const took = `${where}: the server took ${cached.all} of ${cached.read} prompt tokens from a cache${cached.source}`;
  events.warning(
    'prompt-cache',
    template_tokens === null
      ? `${took}. They may be no more than the chat template, which all prompts have: the server did not tell how many tokens it ` +
          'adds, and nobody counts the prompts here; give `tokenizer`'
      : `${took}, at least ${cached.own} of them beyond a start token and what a chat template is known to add: times to the first ` +
          'token are not those of fresh prompts',
  );
}

/** Warns where the server is not the one any more that it was before the measurement. */
export function warnOfAnother(events: Events, before: Identity, after: Identity): void {
  const changes = changesBetween(before.told, after.told);
  if (changes.length === 0) return;
  const named = changes.slice(0, SHOWN_CHANGES).map((key) => {
    const [from, to] = [before.told[key], after.told[key]].map((value) => JSON.stringify(value) ?? 'not told');
    return `${key} was ${from} and is ${to}`;
  });
  const more = changes.length > SHOWN_CHANGES ? `, and ${changes.length - SHOWN_CHANGES} more` : '';
  events.warning(
    'server-changed',
    `the server changed while it was measured (${named.join('; ')}${more}): the numbers are those of two servers`,
  );
}

const SHOWN_CHANGES = 5;

function delays({ p99_s, own_p99_s, own_share, busy_share, threads }: ClientLag, gap_s: number | null, each: string) {
  const who =
    threads === 1 ? 'this client' : `the worst of this client's threads (${threads}, and one for the schedule)`;
  const shares = `had work for ${percent(busy_share)} of the time and a core for ${percent(own_share)}`;
  const late =
    p99_s === null || own_p99_s === null
      ? ''
      : `, was up to ${milliseconds(p99_s)} late (99 %; by its own work up to ${milliseconds(own_p99_s)})`;
  const gaps =
    gap_s === null ? '' : ` where ${each} came ${each === 'chunks' ? 'every' : 'after'} ${milliseconds(gap_s)}`;
  return `${who} ${shares}${late}${gaps}`;
}

/**
 * Time from chunk to chunk: the mean of an answer, the median of these; null when there are none. Not the median of all
 * gaps: chunks that one read brings have none between them, and those that a late client reads at once have a long one.
 */
function usualGap(answers: number[][]): number | null {
  const means = answers.flatMap((times) => {
    const mean_s = (times.at(-1)! - times[0]!) / (times.length - 1);
    return mean_s > FASTEST_CHUNK_S ? [mean_s] : [];
  });
  return means.length === 0 ? null : median(means);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

// Faster ones were held back, and arrived together.
const FASTEST_CHUNK_S = 1e-4;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const milliseconds = (seconds: number): string => `${(1000 * seconds).toFixed(1)} ms`;
