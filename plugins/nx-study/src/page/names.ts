import { plain } from '../base/layout.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import type { Row } from '../state/rows.ts';
import { pageTexts as texts } from './texts.ts';

/** A row as the page names it: the experiment, its workload where there are several, and the repetition. */
export const nameOf = ({ label, repetition, part }: Pick<Row, 'label' | 'repetition' | 'part'>): string =>
  [label, part.of > 1 ? part.name : null, `r${repetition}`].filter((one) => one !== null).join(' ');

/** A page has so many measurements one by one; the files beside it have all. */
export const MOST_MEASUREMENTS = 500;
/** And so many experiments in each figure and table of experiments; fewer, where there are many metrics. */
export const MOST_EXPERIMENTS = 200;

/** Files beside the page. */
export const FILES = { measurements: 'measurements.csv', comparisons: 'comparisons.csv' } as const;

/** Whether a reader looks for it first: it has no result, or one that fails its gates. */
export const isBad = ({ failure, damage, verdict }: Row): boolean =>
  failure !== null || damage !== null || verdict === 'FAIL';

/** The rows that the page has one by one, in their order: all, or of too many those that are bad, then the first ones. */
export function shownOf(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_MEASUREMENTS) return rows;
  const chosen = [...rows.filter(isBad), ...rows.filter((row) => !isBad(row))].slice(0, MOST_MEASUREMENTS);
  const kept = new Set(chosen);
  return rows.filter((row) => kept.has(row));
}

/** What links lead to: the row's details. */
export const anchorOf = ({ id, stored }: Pick<Row, 'id' | 'stored'>): string =>
  `measurement-${id}-${stored === null ? 'here' : anchoredMachine(stored.record)}`.replaceAll(/[^\w-]+/g, '-');

/** Machines may share a name. */
const anchoredMachine = ({ supervisor: { host, machine } }: MeasurementRecord): string =>
  machine === undefined ? host : `${host}-${machine}`;

/** The machine that measured: its name and its processor. */
export function machineOf({ supervisor, machine: { cpu } }: MeasurementRecord): string {
  return typeof cpu === 'string' ? `${supervisor.host}, ${plain(cpu)}` : supervisor.host;
}

/** The commit of the workspace that was measured, or why it isn't known. */
export const commitOf = ({ git }: Pick<MeasurementRecord, 'git'>): string =>
  git.commit === null ? (git.reason ?? texts.unknown) : `${git.commit}${git.dirty === true ? ` ${texts.dirty}` : ''}`;
