import { format } from 'd3-format';
import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { fixed, signedFixed } from '../../base/numbers.ts';
import { withRange } from '../../comparisons/format.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { numberText, typeset } from '../../figures/numbers.ts';
import type { Cell } from '../../figures/data-table.ts';
import type { Subject, Subjects } from './subjects.ts';
import { posteriorPageTexts as texts } from './texts.ts';

/** A mean with its interval. */
export function estimateCell(mean: number | null, interval: readonly [number, number] | null, reason?: string): Cell {
  if (mean === null) return { value: null, reason };
  if (interval === null) return { value: mean };
  return { value: mean, shown: typeset(withRange(mean, ...interval)) };
}

/** A value, or the reason why there is none. */
export const cellOf = (value: number | Absent | null | undefined): Cell =>
  isAbsent(value) ? { value: null, reason: value.reason } : { value: value ?? null };

const percent = format('.1%');

/** A share as per cent, sorted by the share. */
export const shareCell = (share: number | null | undefined): Cell =>
  share === null || share === undefined ? { value: null } : { value: share, shown: percentText(share) };

export const percentText = (share: number): string => percent(share).replace('%', ' %');

/** A difference always has its sign. */
export const signedText = (value: number): string => `${value > 0 ? '+' : ''}${numberText(value)}`;

/** A difference with as many decimals as the first two digits of its error have. */
export const differenceText = (value: number, error: number): string =>
  error > 0 ? typeset(signedFixed(value, decimalsOf(error))) : signedText(value);

/** An error with two digits. */
export const errorText = (error: number): string =>
  error > 0 ? `± ${error.toFixed(decimalsOf(error))}` : `± ${numberText(error)}`;

const decimalsOf = (error: number): number => Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(error))));

/** With three decimals towards 0, so that only 1 itself is shown as 1. */
export const correlationText = (value: number): string => typeset(fixed(Math.trunc(value * 1000) / 1000, 3));

/** Experiments without what a section needs, in one sentence each reason, with the next step; null where all have it. */
export function withoutNote(subjects: Subjects, has: (subject: Subject) => boolean, what: string): Safe | null {
  const names = subjects.readable.filter((one) => !has(one)).map(({ name }) => name);
  return names.length === 0 ? null : html`<p class="note">${texts.without(names, what, subjects.study)}</p>`;
}

/** That only the first ones are drawn. */
export function drawnNote(shown: number, all: number): Safe | null {
  return shown >= all ? null : html`<p class="note">${texts.drawn(shown, all)}</p>`;
}
