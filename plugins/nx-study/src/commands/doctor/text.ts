import { plain, plural, wrap } from '../../base/layout.ts';
import { textTable } from '../../base/text-table.ts';
import type { TextColumn } from '../../base/text-table.ts';
import type { ItemState } from '../../check/doctor-answer.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Group } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

const STATES: Record<ItemState, string> = {
  ok: 'ok',
  warning: 'warning',
  fails: 'will fail',
  unknown: 'not known here',
};

/** A diagnosis for a terminal of so many columns. */
export function diagnosisText({ study, to_do, done, items }: Diagnosis, columns: number): string {
  if (to_do === 0) return texts.nothing(study, done);
  return [texts.head(study, to_do, done), '', tableOf(items, to_do, columns), '', summaryOf(items)].join('\n');
}

function tableOf(items: readonly Group[], all: number, columns: number): string {
  const column = (head: string, cells: string[]): TextColumn => ({ head, unit: '', align: 'left', cells });
  const names = items.map(({ item }) => plain(item));
  const states = items.map(({ state }) => STATES[state]);
  const whom = items.map((one) => whomOf(one, all));
  const used = [
    ['item', ...names],
    ['state', ...states],
    ['measurements', ...whom],
  ].map((cells) => Math.max(...cells.map(({ length }) => length)));
  const width = Math.max(40, columns - used.reduce((sum, one) => sum + one + 2, 0));
  const reasons = items.map(({ message, next }) =>
    [...wrap(plain(message), width, ''), ...(next === null ? [] : wrap(`→ ${plain(next)}`, width, '  '))].join('\n'),
  );
  return textTable([
    column('item', names),
    column('state', states),
    column('measurements', whom),
    column('why, and what to do', reasons),
  ]);
}

/** For how many it holds; one is named. */
function whomOf({ measurements }: Group, all: number): string {
  if (measurements === null) return 'machine';
  if (measurements.length === all) return 'all';
  return measurements.length === 1 ? measurements[0]! : String(measurements.length);
}

function summaryOf(items: readonly Group[]): string {
  const count = (state: ItemState) => items.filter((one) => one.state === state).length;
  return [
    count('fails') === 0 ? 'Nothing is known that will fail' : `${plural(count('fails'), 'item')} will fail`,
    plural(count('warning'), 'warning'),
    `${count('unknown')} not known here.`,
  ].join(', ');
}
