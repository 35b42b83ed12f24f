import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { MetricDefinition, Value } from '../kind.ts';
import { loadedSpan } from './rates.ts';
import type { Span } from './rates.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { sum } from '../../base/sum.ts';

type Flow = MetricDefinition & { value: Value };

/**
 * How requests of any outcome came, were sent and ended within the window, and how many were under way in it. `noWindow`: why
 * there is no window.
 */
export function flowOf(workload: ServedWorkload, noWindow: string): Flow[] {
  const span = loadedSpan(workload, noWindow);
  const all = [...workload.settling, ...workload.requests];
  const count = { unit: '', better: null } as const;
  return [
    {
      ...count,
      name: 'in_flight_mean',
      label: 'in flight',
      main: true,
      description:
        'Requests under way, on average over the window in which the asked load was kept: the concurrency that was reached',
      value: within(span, all, meanInFlight),
    },
    {
      ...count,
      name: 'in_flight_max',
      label: 'in flight, most',
      main: false,
      description: 'Requests under way at once in the window in which the asked load was kept: the most',
      value: within(span, all, mostInFlight),
    },
    ...flowRates(all, span, workload.mode === 'open-loop'),
  ];
}

function flowRates(all: readonly ServedRequest[], span: Span | Absent, isOpen: boolean): Flow[] {
  const rate = { unit: '1/s', main: false, better: null } as const;
  const due = all.flatMap(({ scheduled_s }) => scheduled_s ?? []);
  const starts = all.map(({ start_s }) => start_s);
  const served = (spans: Span[]) => spans.flatMap(({ to_s }, index) => (all[index]!.error === null ? [to_s] : []));
  return [
    {
      ...rate,
      name: 'offered_per_s',
      label: 'offered',
      description: 'Requests that were due within the window, by the schedule / its length',
      value: isOpen ? rateOf(due, span) : absent('a closed loop has no schedule'),
    },
    {
      ...rate,
      name: 'sent_per_s',
      label: 'sent',
      description: 'Requests that were sent within the window / its length',
      value: rateOf(starts, span),
    },
    {
      ...rate,
      name: 'served_per_s',
      label: 'served',
      description: 'Requests without an error whose answers were over within the window / its length',
      value: within(span, all, (spans, inside) => rateOf(served(spans), inside)),
    },
  ];
}

/** When each request was under way; absent where the end of one is unknown. */
function within(
  span: Span | Absent,
  requests: readonly ServedRequest[],
  number: (spans: Span[], inside: Span) => Value,
): Value {
  if (isAbsent(span)) return span;
  if (span.to_s <= span.from_s) return absent('the window is 0 s');
  const spans = requests.map(({ start_s, done_s, end_s }) => {
    const lasted_s = done_s ?? end_s;
    return { from_s: start_s, to_s: lasted_s === null ? null : start_s + lasted_s };
  });
  const open = spans.filter(({ from_s, to_s }) => to_s === null && from_s < span.to_s).length;
  if (open > 0) return absent(`${open} of ${requests.length} requests have no known end, as after an error`);
  return number(
    spans.map(({ from_s, to_s }) => ({ from_s, to_s: to_s ?? Infinity })),
    span,
  );
}

const meanInFlight = (spans: Span[], inside: Span): number =>
  sum(spans.map(({ from_s, to_s }) => Math.max(0, Math.min(to_s, inside.to_s) - Math.max(from_s, inside.from_s)))) /
  (inside.to_s - inside.from_s);

function mostInFlight(spans: Span[], inside: Span): number {
  const changes = spans
    .filter(({ from_s, to_s }) => from_s < inside.to_s && to_s > inside.from_s)
    .flatMap(({ from_s, to_s }) => [
      { at_s: from_s, by: 1 },
      { at_s: to_s, by: -1 },
    ])
    // One that ends makes room for one that begins at the same moment.
    .sort((a, b) => a.at_s - b.at_s || a.by - b.by);
  let underWay = 0;
  let most = 0;
  for (const { at_s, by } of changes) {
    underWay += by;
    if (at_s < inside.to_s) most = Math.max(most, underWay);
  }
  return most;
}

function rateOf(times_s: readonly number[], span: Span | Absent): Value {
  if (isAbsent(span)) return span;
  const { from_s, to_s } = span;
  if (to_s <= from_s) return absent('the window is 0 s');
  return times_s.filter((time_s) => time_s > from_s && time_s <= to_s).length / (to_s - from_s);
}
