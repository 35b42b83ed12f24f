import { quantile } from '../../base/quantile.ts';
import type { Fact } from '../kind.ts';
import type { AskedLength, MeasuredWorkload, ServedWorkload } from './schema.ts';

export type Setting = 'prompt_tokens' | 'new_tokens';

/** How the lengths of a workload are named: `128`, `uniform(1, 9)`, `lengths.csv`, `2048 (1024 tokens, 1 of 8, 90 %)`. */
export function lengthName(workload: MeasuredWorkload, setting: Setting): string {
  const name = variedName(workload, setting) ?? String(workload[setting] ?? UNCOUNTED);
  const isShared = setting === 'prompt_tokens' && workload.mode !== 'offline' && workload.prefix !== undefined;
  return isShared ? `${name} (${prefixName(workload)})` : name;
}

/** Texts of a file that nobody counted. */
const UNCOUNTED = 'texts';

/** Whether lengths differ from request to request, by what was asked for; prompts of a conversation grow from turn to turn. */
export const isVaried = (workload: MeasuredWorkload, setting: Setting): boolean =>
  variedName(workload, setting) !== null ||
  (workload.mode !== 'offline' &&
    (workload.load?.mode === 'replay' || (setting === 'prompt_tokens' && (workload.turns?.count ?? 1) > 1)));

/** The name of lengths that differ from request to request; null where all are alike. */
function variedName(workload: MeasuredWorkload, setting: Setting): string | null {
  const asked = workload.mode === 'offline' ? undefined : workload.asked_lengths?.[setting];
  return asked === undefined || typeof asked === 'number' ? null : nameOf(asked);
}

function nameOf({ uniform, normal, lognormal, file }: Exclude<AskedLength, number>): string {
  if (uniform) return `uniform(${uniform.join(', ')})`;
  if (normal) return `normal(${normal.mean}, ${normal.sd})${limits(normal)}`;
  if (lognormal) return `lognormal(${lognormal.median}, ${lognormal.sigma})${limits(lognormal)}`;
  return file ?? 'varied';
}

const limits = ({ min = 1, max }: { min?: number | undefined; max: number }): string => ` in ${min}–${max}`;

/** Which lengths were asked for where they differ from request to request, and the quantiles of those that were drawn. */
export function lengthFacts(workload: MeasuredWorkload): Fact[] {
  const names = [
    fact('prompt_lengths', variedName(workload, 'prompt_tokens')),
    fact('new_lengths', variedName(workload, 'new_tokens')),
  ];
  if (workload.mode === 'offline') return names;
  return [
    ...names,
    fact('prefix', prefixName(workload)),
    fact('turns', workload.turns?.count ?? null),
    fact('turns_history', workload.turns?.history ?? null),
    fact('dataset', workload.dataset?.file ?? null),
    fact('dataset_form', workload.dataset?.form ?? null),
    fact('dataset_entries', workload.dataset?.entries ?? null),
    fact('dataset_skipped', workload.dataset?.skipped ?? null),
    ...drawnFacts('prompt', askedPrompts(workload)),
    ...drawnFacts('new', askedNew(workload)),
  ];
}

/** `1024 tokens, 1 of 8, 90 %`. */
const prefixName = ({ prefix }: ServedWorkload): string | null =>
  prefix === undefined ? null : `${prefix.tokens} tokens, 1 of ${prefix.pool}, ${round(100 * prefix.share)} %`;

const round = (percent: number): number => Number(percent.toPrecision(3));

const askedPrompts = ({ requests }: ServedWorkload) =>
  requests.flatMap(({ asked_prompt_tokens, prompt_tokens }) => asked_prompt_tokens ?? prompt_tokens ?? []);
const askedNew = ({ requests }: ServedWorkload) => requests.flatMap(({ asked_tokens }) => asked_tokens ?? []);

const QUANTILES = [
  ['min', 0],
  ['p10', 0.1],
  ['p50', 0.5],
  ['p90', 0.9],
  ['max', 1],
] as const;

/** Of all measured requests, whatever became of them; none where all asked for the same. */
function drawnFacts(name: string, lengths: readonly number[]): Fact[] {
  const sorted = Float64Array.from(lengths).toSorted();
  const isVaried = sorted.length > 0 && sorted[0] !== sorted.at(-1);
  return QUANTILES.map(([label, p]) => fact(`asked_${name}_tokens_${label}`, isVaried ? quantile(sorted, p) : null));
}

const fact = (name: string, value: Fact['value']): Fact => ({ name, label: name, value, main: false });
