import { proportionBounds, wilsonInterval } from '../../analysis/proportion.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Judging, Metric, MetricDefinition, Value } from '../kind.ts';
import { ratesInWindow } from './rates.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { sloTexts as texts } from './texts.ts';
import { OBJECTIVES, timesIn } from './times.ts';
import type { Objective } from './times.ts';

/** None: there is no such time, as that per token of an answer with one. Unknown: nobody can tell it. Between: the limit lies within all that it can be. */
type Verdict = 'met' | 'missed' | 'none' | 'unknown' | 'between';

/** One verdict for each limit, and that of all of them; no single one of a request that failed. */
interface Judged {
  each: Verdict[];
  verdict: Verdict;
}

/** From which to which share, by successes and trials. */
type Ends = (successes: number, trials: number) => { low: number; high: number };

const interval: Ends = (successes, trials) => wilsonInterval(successes, trials, 0.95);

/**
 * How many requests met all limits, and how much of them was served. A request that failed or is incomplete missed them. Where
 * arrivals have a schedule, times count from it, so that a late client hides no waiting. Undetermined requests are in no share.
 * @param noWindow - why there is no window in which the asked load was kept.
 * @returns nothing where the study sets no limit.
 */
export function serviceLevel(workload: ServedWorkload, slo: Judging['slo'], noWindow: string): Metric[] {
  const limits = OBJECTIVES.filter((name) => Object.hasOwn(slo, name)).map((name): [Objective, number] => [
    name,
    slo[name]!,
  ]);
  if (limits.length === 0) return [];
  const judge = judgeOf(workload);
  const all = workload.requests.map((request) => judge(request, limits));
  const text = limits.map(([name, limit]) => `${name} ≤ ${limit}`).join(', ');
  return [
    ...attainment(all, text),
    ...goodput(workload, (request) => judge(request, limits).verdict, { text, noWindow }),
    ...(limits.length > 1
      ? limits.map((one) =>
          attainmentOf(
            workload.requests.map((request) => judge(request, [one])),
            one,
          ),
        )
      : []),
  ];
}

type Judge = (request: ServedRequest, limits: readonly [Objective, number][]) => Judged;

function judgeOf(workload: ServedWorkload): Judge {
  const timeOf = timesIn(workload);
  return (request, limits) => {
    const each = limits.map(([name, limit]): Verdict | 'failed' => {
      const time = timeOf(name, request);
      if (typeof time === 'string') return time;
      if (time.most <= limit) return 'met';
      return time.least <= limit ? 'between' : 'missed';
    });
    const known = each.filter((one) => one !== 'failed');
    if (known.length < each.length) return { each: [], verdict: 'missed' };
    return { each: known, verdict: WORST_FIRST.find((one) => known.includes(one)) ?? 'met' };
  };
}

const WORST_FIRST = ['missed', 'between', 'unknown', 'none'] as const;

const definition = { unit: '', better: 'higher' } as const;

function attainment(all: readonly Judged[], text: string): Metric[] {
  const share = shareOf(all);
  const { low, high } = share.ends(interval);
  const bounds = share.ends(proportionBounds);
  return [
    {
      ...toMetric(
        {
          ...definition,
          name: 'slo_attainment',
          label: 'SLO met',
          main: true,
          description: `Share of requests, failed ones included, that met all limits of the study: ${text}`,
        },
        share.value,
      ),
      bounds: isAbsent(bounds.low)
        ? { low: null, high: null, reason: bounds.low.reason }
        : { low: bounds.low, high: bounds.high as number, reason: null },
    },
    toMetric({ ...definition, ...ends.low }, low),
    toMetric({ ...definition, ...ends.high }, high),
    toMetric(
      {
        name: 'slo_undetermined',
        label: 'SLO unknown',
        unit: '',
        main: false,
        better: 'lower',
        description: 'Successful requests without a time that a limit needs, or with one that is not known well enough',
      },
      all.filter(({ verdict }) => isUndetermined(verdict)).length,
    ),
  ];
}

/**
 * The share of requests that met their limits. Undetermined ones are in no share, so long as that they are undetermined says nothing
 * of what they would be. Where others of their kind could be judged (those that missed clearly, or failed), the share of these alone
 * would be one of a selection: there is none then, and its ends are those of all undetermined ones missed, and met.
 */
function shareOf(all: readonly Judged[]): { value: Value; ends(by: Ends): { low: Value; high: Value } } {
  const met = all.filter(({ verdict }) => verdict === 'met').length;
  const open = all.filter(({ verdict }) => isUndetermined(verdict)).length;
  const judged = all.length - open;
  const isSelection =
    all.some(({ verdict }) => verdict === 'between') ||
    (all.some(({ verdict }) => verdict === 'unknown') && all.some(isFailed)) ||
    (open > 0 && all.some(({ each, verdict }) => verdict === 'missed' && each.some(isUndetermined)));
  if (isSelection)
    return {
      value: absent(texts.selected(open, all.length, [met / all.length, (met + open) / all.length])),
      ends: (by) => ({ low: by(met, all.length).low, high: by(met + open, all.length).high }),
    };
  const none = absent('no request could be judged');
  if (judged === 0) return { value: none, ends: () => ({ low: none, high: none }) };
  return { value: met / judged, ends: (by) => by(met, judged) };
}

const isFailed = ({ each }: Judged): boolean => each.length === 0;

const isUndetermined = (verdict: Verdict): boolean => verdict !== 'met' && verdict !== 'missed';

const ends = {
  low: {
    name: 'slo_attainment_low',
    label: 'SLO met, low',
    main: false,
    description: 'Lower end of the 95 % interval of slo_attainment (Wilson 1927)',
  },
  high: {
    name: 'slo_attainment_high',
    label: 'SLO met, high',
    main: false,
    description: 'Upper end of the 95 % interval of slo_attainment (Wilson 1927)',
  },
} satisfies Record<string, Omit<MetricDefinition, 'unit' | 'better'>>;

function attainmentOf(all: readonly Judged[], [name, limit]: [Objective, number]): Metric {
  const key = name.replace(/_s$/, '');
  return toMetric(
    {
      ...definition,
      name: `slo_attainment_${key}`,
      label: `SLO ${key}`,
      main: false,
      description: `Share of requests, failed ones included, with ${name} ≤ ${limit}`,
    },
    shareOf(all).value,
  );
}

function goodput(
  workload: ServedWorkload,
  judge: (request: ServedRequest) => Verdict,
  { text, noWindow }: { text: string; noWindow: string },
): Metric[] {
  const requests = [...workload.settling, ...workload.requests];
  const verdicts = new Map(requests.map((request) => [request, judge(request)]));
  const unknown = [...verdicts.values()].filter(isUndetermined).length;
  const good = requests.filter((request) => verdicts.get(request) === 'met');
  const rates: { requests: Value; tokens: Value } | Absent =
    unknown > 0
      ? absent(`${unknown} of ${requests.length} requests could not be judged`)
      : ratesInWindow(workload, good, noWindow);
  const of = (key: 'requests' | 'tokens') => (isAbsent(rates) ? rates : rates[key]);
  return [
    toMetric(
      {
        name: 'goodput_per_s',
        label: 'goodput',
        unit: '1/s',
        main: true,
        better: 'higher',
        description: `Requests that met all limits of the study (${text}), each with the part of its duration within the window in which the asked load was kept / its length`,
      },
      of('requests'),
    ),
    toMetric(
      {
        name: 'goodput_tok_s',
        label: 'goodput, tokens',
        unit: 'tok/s',
        main: false,
        better: 'higher',
        description:
          'New tokens of requests that met all limits, within the window in which the asked load was kept / its length',
      },
      of('tokens'),
    ),
  ];
}
