import type { JsonObject } from '../../base/json.ts';
import { isAbsent } from '../../base/known.ts';
import { describeCombination } from '../../base/words.ts';
import type { Alternative } from '../../comparisons/alternatives.ts';
import type { Fact } from '../../kinds/kind.ts';
import { summarise } from '../../analysis/summary.ts';
import type { Row } from '../../state/rows.ts';
import { flagsOf } from '../flags.ts';
import type { Compared } from '../input.ts';
import { llmTexts as texts } from './texts.ts';
import type { ServerMode } from './texts.ts';

export const KIND = 'llm-inference';

/** An alternative that was measured, with the work that it did. */
export interface Subject {
  name: string;
  /** Those whose state is `measured`, one for each repetition; at least one. */
  rows: Row[];
  mode: 'offline' | ServerMode;
  /** null for servers. */
  batch_size: number | null;
  /** null where nobody counted the texts of a file. */
  prompt_tokens: number | null;
  /** null for embeddings. */
  new_tokens: number | null;
  /** A server was asked for embeddings. */
  embeds: boolean;
  /** The work of one request, by its lengths: also where these differ from request to request. */
  lengths: { prompt: string; new: string };
  /** Users at once, or requests per s; null for what is no server, and for a replay, which is no rung of a ladder. */
  load: number | null;
  /** All in which it differs from others, but for the batch, the load and the number of tokens. */
  others: string;
  flags: string[];
}

/** What the repetitions of a subject say of one metric, in its unit. */
export interface Estimate {
  /** The geometric mean, or the mean where a value isn't positive; null without a value. */
  value: number | null;
  /** Ends of the 95 % interval over repetitions; null without one. */
  low: number | null;
  high: number | null;
  n: number;
  /** One for each repetition that has a value. */
  points: number[];
  /** Why there is no value, or else no interval. */
  reason?: string;
}

/** The measured alternatives of a study whose results are of language models, in its order. */
export function subjectsOf({ comparisons }: Pick<Compared, 'comparisons'>): Subject[] {
  const several = new Set(comparisons.alternatives.map(({ worker }) => worker)).size > 1;
  // An explicit experiment names the same settings in another order.
  const order = [...new Set(comparisons.alternatives.flatMap(({ varied }) => Object.keys(varied)))];
  return comparisons.alternatives.flatMap((alternative) => {
    const rows = alternative.rows.filter(
      ({ state, stored, facts }) => state === 'measured' && stored?.record.kind === KIND && facts.length > 0,
    );
    return rows.length === 0 ? [] : [subjectOf(alternative, rows, { several, order })];
  });
}

/** Settings that say how much work there is at once. */
const SIZES =
  /(^|[._-])(batch[_-]size|prompt[_-]tokens|new[_-]tokens|concurrency|rate[_-]per[_-]s|load(\.mode)?|workloads?)$/;

/** The settings that vary, but for those of the size of the work. */
export const otherSettings = (varied: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(varied).filter(([axis]) => !SIZES.test(axis)));

function subjectOf(
  { name, worker, host, varied }: Alternative,
  rows: Row[],
  { several, order }: { several: boolean; order: readonly string[] },
): Subject {
  const number = (fact: string) => {
    const value = factOf(rows[0]!, fact);
    return typeof value === 'number' ? value : null;
  };
  const settings = otherSettings(
    Object.fromEntries(order.flatMap((key) => (Object.hasOwn(varied, key) ? [[key, varied[key]!]] : []))),
  );
  const isReplay = factOf(rows[0]!, 'load_mode') === 'replay';
  const shape = shapeOf(rows[0]!, Object.keys(settings));
  const kept = Object.fromEntries(Object.entries(settings).filter(([key]) => !shape.has(lastOf(key))));
  const inputs = number('inputs_per_request');
  const [prompts, answers] = ['prompt_lengths', 'new_lengths'].map((fact) => factOf(rows[0]!, fact));
  const others = [
    several ? worker : null,
    describeCombination(kept),
    prompts ? texts.promptsOf(String(prompts)) : null,
    answers ? texts.answersOf(String(answers)) : null,
    ...shape.values(),
    host === null ? null : texts.on(host),
  ];
  return {
    name,
    rows,
    mode: factOf(rows[0]!, 'mode') as Subject['mode'],
    batch_size: number('batch_size'),
    prompt_tokens: number('prompt_tokens'),
    new_tokens: number('new_tokens'),
    embeds: inputs !== null,
    lengths: {
      prompt: `${inputs === null ? '' : `${inputs}×`}${prompts ?? number('prompt_tokens') ?? texts.uncounted}`,
      new: String(answers ?? number('new_tokens')),
    },
    load: isReplay ? null : (number('concurrency') ?? number('rate_per_s')),
    others: others.filter((part) => part !== null && part !== '').join(' ') || worker,
    flags: flagsOf(rows),
  };
}

/** What an item of `workloads` may leave as it is. */
const COMMON: Readonly<Record<keyof typeof texts.shape, Fact['value']>> = {
  arrival_cv: 1,
  think_s: 0,
  max_in_flight: null,
  trace: null,
};

/**
 * What defines the load of a row beside its number, by name and in words: what is not as usual, and what varies in the study.
 * Workers that don't tell their load have none.
 */
function shapeOf(row: Row, varied: readonly string[]): Map<string, string> {
  const mode = factOf(row, 'load_mode');
  const axes = new Set(varied.map(lastOf));
  const names = (Object.keys(COMMON) as (keyof typeof COMMON)[]).filter((name) => {
    const value = factOf(row, name);
    const hasValue = value !== null || (name === 'max_in_flight' && mode === 'open');
    return mode !== null && hasValue && (value !== COMMON[name] || axes.has(name));
  });
  return new Map(names.map((name) => [name, texts.shape[name](factOf(row, name))]));
}

const lastOf = (setting: string): string => setting.slice(setting.lastIndexOf('.') + 1);

export const factOf = ({ facts }: Row, name: string): Fact['value'] =>
  facts.find((fact) => fact.name === name)?.value ?? null;

/** A metric of a subject over its repetitions, as in the tables of differences. */
export function estimateOf({ rows }: Pick<Subject, 'rows'>, name: string): Estimate {
  const metrics = rows.flatMap((row) => row.metrics.find((metric) => metric.name === name) ?? []);
  const points = metrics.flatMap(({ value }) => value ?? []);
  const summary = summarise(points, 'ratio');
  if (isAbsent(summary)) {
    const reason = metrics.find((metric) => metric.reason !== null)?.reason ?? texts.noSuchNumber;
    return { value: null, low: null, high: null, n: 0, points, reason };
  }
  const { interval, center, mean, n } = summary;
  const value = n === 1 || isAbsent(center) ? mean : center;
  return isAbsent(interval)
    ? { value, low: null, high: null, n, points, reason: interval.reason }
    : { value, low: interval.low, high: interval.high, n, points };
}

/** Whether any of them has a value. */
export const hasMetric = (subjects: readonly Subject[], name: string): boolean =>
  subjects.some(({ rows }) =>
    rows.some(({ metrics }) => metrics.some((one) => one.name === name && one.value !== null)),
  );

/** What there is more of the more a server carries: new tokens, or those of the texts that it embeds. */
export const throughputOf = ({ embeds }: Subject): { metric: string; label: string } =>
  embeds ? { metric: 'input_tok_s', label: texts.input } : { metric: 'output_tok_s', label: texts.output };

/** What grows first when requests wait: to the first token, or of embeddings to the end. */
export const waitOf = ({ embeds }: Subject): { series: Latency; label: string } =>
  embeds ? { series: 'e2e', label: texts.e2e } : { series: 'ttft', label: texts.ttft };

export type Latency = 'ttft' | 'tpot' | 'itl' | 'e2e';

/** A metric of latency: its median, or a percentile. In an open loop it counts from when a request was due. */
export const latencyOf = (subject: Subject, series: Latency, statistic: '' | '_p90' | '_p99' = ''): string =>
  `${series}${isFromDue(subject, series) ? '_due' : ''}${statistic}_s`;

/** A late start is the client's fault, and a user would have waited; times between tokens don't depend on it. */
export const isFromDue = ({ mode }: Subject, series: Latency): boolean =>
  mode === 'open-loop' && (series === 'ttft' || series === 'e2e');
