import type { MeasureTask } from '../../graph/task.ts';
import { notBuilt } from '../../kinds/memory-texts.ts';
import type { Preview, PreviewRow } from '../plan/preview.ts';
import { size } from '../../base/size.ts';
import { fails, ok, unknown, warning } from './items.ts';
import type { Item } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

/** What the next run does that is work, or ends as a failure. */
const TO_DO = new Set<PreviewRow['next']>(['measure', 'final', 'too-large', 'refuse', 'fail']);

export const isToDo = ({ next }: PreviewRow): boolean => TO_DO.has(next);

const ITEM_OF: Partial<Record<PreviewRow['next'], string>> = {
  final: 'earlier failure',
  'too-large': 'memory',
  refuse: 'platform',
  fail: 'input',
};

/**
 * What `plan` says of one measurement: whether it is refused, and whether it fits into memory.
 * @param largest - the most that a measurement needs which fits, bytes, by the number of GPUs; one answer serves all of these.
 */
export function planItems(
  { next, why, memory, memory_unchecked: reason }: PreviewRow,
  { study }: MeasureTask,
  largest: ReadonlyMap<number, number>,
): Item[] {
  const item = ITEM_OF[next];
  if (item !== undefined) return [fails(item, why, texts.afterPlan(study, next))];
  // The item of the model says why it was not built here.
  if (memory === null) return reason === null || reason === notBuilt(study) ? [] : [unknown('memory', reason)];
  const { gpus, estimate_bytes, available_bytes } = memory;
  return [ok('memory', texts.memory(size(largest.get(gpus) ?? estimate_bytes), size(available_bytes), gpus))];
}

/** What `plan` says of a measurement, such as by the check of its worker, the worker's own `doctor` need not say again. */
export const saidOnce = ({ next, why }: Pick<PreviewRow, 'next' | 'why'>, told: readonly Item[]): Item[] =>
  told.filter(({ state, message }) => !(next === 'fail' && state === 'fails' && why.includes(message)));

export function largestNeeds(rows: readonly PreviewRow[]): Map<number, number> {
  const largest = new Map<number, number>();
  for (const { next, memory } of rows)
    if (next === 'measure' && memory !== null)
      largest.set(memory.gpus, Math.max(memory.estimate_bytes, largest.get(memory.gpus) ?? 0));
  return largest;
}

/** What `plan` says of measurements that it does not keep from starting. */
export const noteItems = ({ platform_notes, input_notes }: Preview): { item: Item; ids: readonly string[] }[] => [
  ...platform_notes
    .filter(({ effect }) => effect === 'flags')
    .map(({ message, ids }) => ({ item: warning('platform', message, null), ids })),
  ...input_notes
    .filter(({ effect }) => effect === 'unchecked')
    .map(({ message, ids }) => ({ item: unknown('input', message), ids })),
];
