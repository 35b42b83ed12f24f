import { headed, listed, plural } from '../../base/layout.ts';
import { groupBy } from '../../base/group-by.ts';
import { nxRun } from '../../workspace/project.ts';
import type { Imported } from './imported.ts';

export const importTexts = {
  nothingNamed: (study: string): string =>
    `Say where the results are: ${nxRun(study, 'import')} --from ../copies/gpu-box. Several folders: --from again.`,
  noAttempts: 'it holds no measurement of the study, finished or failed',
};

const SHOWN = 12;

/** The output of `import`. */
export function importedText(study: string, imported: Imported): string {
  const { taken, recovered, present, failed, settled, other, refused, running, young, unended, empty } = imported;
  return [
    `Taken in, ${counted(taken.length)}${hostsText(taken)}`,
    ...some(
      recovered,
      (count) => `Of these, ${count} of runs that were killed once the result was complete: ${idsOf(recovered)}`,
    ),
    ...some(present, (count) => `Here already, ${count}`),
    ...some(failed, (count) => `Failed attempts taken in, ${count}: ${idsOf(failed)}`),
    ...some(settled, (count) => `Left out, as they failed here as expected, ${count}: ${idsOf(settled)}`),
    ...some(running, (count) => `Still being measured there, ${count}: ${idsOf(running)}`),
    ...some(
      young,
      (count) =>
        `Complete, but younger than two minutes, ${count}: ${idsOf(young)}. Their runs may be about to record them: import again then`,
    ),
    ...some(
      unended,
      (count) =>
        `Without an end there, ${count}: ${idsOf(unended)}. Their runs were killed, or go on: the next run there measures them, or the next one here`,
    ),
    ...below(
      `Not what the study would measure now, ${counted(other.length)}:`,
      other.map(
        ({ id, differences }) => `${id}: ${differences.join('; ') || 'no measurement of the plan has this id'}`,
      ),
    ),
    ...below(
      `Refused, ${counted(refused.length)}:`,
      refused.map(({ id, directory, reason }) => `${id}: ${reason} (${directory})`),
    ),
    ...headed(
      `Nothing was there, in ${plural(empty.length, 'folder')}:`,
      empty.map(({ folder, reason }) => `${folder}: ${reason}`),
      SHOWN,
    ),
    ...leftText(imported),
    `See them: ${nxRun(study, 'report')}`,
  ].join('\n');
}

/** What of the plan still has no outcome, a line for each lane. */
function leftText({ left, lanes }: Imported): string[] {
  if (left.length === 0) return [];
  const byLane = [...groupBy(left, ({ lane }) => lane)].toSorted(([a], [b]) => a - b);
  const lines = byLane.map(([lane, own]) => `${lanes > 1 ? `lane ${lane}, ${own.length}: ` : ''}${idsOf(own)}`);
  return below(`Still without a result, ${counted(left.length)}:`, lines);
}

/** `, 3 of n1, 2 of n2` */
const hostsText = (taken: Imported['taken']): string =>
  [...groupBy(taken, ({ host }) => host)].map(([host, own]) => `, ${own.length} of ${host}`).join('');

const some = (list: readonly unknown[], text: (count: string) => string): string[] =>
  list.length === 0 ? [] : [text(counted(list.length))];

const idsOf = (list: readonly { id: string }[]): string =>
  listed(
    list.map(({ id }) => id),
    SHOWN,
  );

const counted = (count: number) => plural(count, 'measurement');
const below = (head: string, lines: readonly string[]) => headed(head, lines, SHOWN);
