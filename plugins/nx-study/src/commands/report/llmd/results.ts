import type { Json, JsonObject } from '../../../base/json.ts';
import type { Metric } from '../../../kinds/kind.ts';
import type { Row } from '../../../state/rows.ts';
import type { Exported } from './exported.ts';
import { defined } from './defined.ts';
import { meanOf, statisticsOf, valueOf } from './statistics.ts';

/**
 * `results` of a Benchmark Report. What the format has no place for stands as `nx_study` in `observability`, the part that
 * may have keys of one's own: findings, and each metric with its value and unit, or the reason why it has none.
 */
export function resultsPart({ row, workload }: Exported): JsonObject {
  const { metrics } = row;
  const isServed = workload.mode !== 'offline';
  return {
    request_performance: {
      aggregate: defined({
        requests: isServed ? requestsOf(metrics) : undefined,
        latency: latencyOf(metrics, isServed || workload.batch_size === 1),
        throughput: isServed ? servedThroughput(metrics) : offlineThroughput(metrics),
      }),
    },
    observability: { nx_study: ownPart(row) },
  };
}

function requestsOf(metrics: readonly Metric[]): JsonObject | undefined {
  const total = valueOf(metrics, 'requests');
  if (total === null) return undefined;
  return defined({
    total,
    failures: valueOf(metrics, 'requests_errored') ?? undefined,
    incomplete: valueOf(metrics, 'requests_incomplete') ?? undefined,
  });
}

/** `isCallOneRequest`: a call of several sequences is no request, so its duration is not one of a request. */
const latencyOf = (metrics: readonly Metric[], isCallOneRequest: boolean): JsonObject | undefined =>
  orNothing({
    time_to_first_token: statisticsOf(metrics, 'ttft', 's'),
    normalized_time_per_output_token: statisticsOf(metrics, 'ntpot', 's/token'),
    time_per_output_token: statisticsOf(metrics, 'tpot', 's/token'),
    inter_token_latency: statisticsOf(metrics, 'itl', 's/token'),
    request_latency: isCallOneRequest ? statisticsOf(metrics, 'e2e', 's') : undefined,
  });

/** Over the span from the first start to the last token, as the tools whose results the format was made for count. */
const servedThroughput = (metrics: readonly Metric[]): JsonObject | undefined =>
  orNothing({
    output_token_rate: meanOf(metrics, 'output_tok_s_whole', 'tokens/s'),
    total_token_rate: meanOf(metrics, 'total_tok_s_whole', 'tokens/s'),
    request_rate: meanOf(metrics, 'requests_per_s_whole', 'queries/s'),
  });

/** Over the calls. */
const offlineThroughput = (metrics: readonly Metric[]): JsonObject | undefined =>
  orNothing({
    output_token_rate: statisticsOf(metrics, 'output', 'tokens/s'),
    total_token_rate: statisticsOf(metrics, 'total', 'tokens/s'),
  });

const orNothing = (parts: Readonly<Record<string, JsonObject | undefined>>): JsonObject | undefined => {
  const known = defined(parts);
  return Object.keys(known).length === 0 ? undefined : known;
};

const ownPart = ({ metrics, findings }: Row): JsonObject => ({
  findings: findings.map(({ code, message }): Json => ({ code, message })),
  metrics: Object.fromEntries(
    metrics.map(({ name, value, unit, reason, description }): [string, Json] => [
      name,
      value === null ? { reason, description } : { value, ...(unit !== '' && { unit }), description },
    ]),
  ),
});
