import { headed, listed, plural } from '../../base/layout.ts';
import { groupBy } from '../../base/group-by.ts';
import { nxRun } from '../../workspace/project.ts';
import type { Imported } from './import.ts';

export const importTexts = {
  nothingNamed: (study: string): string =>
    `Say where the results are: ${nxRun(study, 'import')} --from ../copies/gpu-box. Several folders: --from again.`,
};

const SHOWN = 12;

/** The output of `import`. */
export function importedText(study: string, imported: Imported): string {
  const { taken, present, failed, other, refused, running } = imported;
  return [
    `Taken in, ${counted(taken.length)}${hostsText(taken)}`,
    ...some(present, (count) => `Here already, ${count}`),
    ...some(failed, (count) => `Failed attempts taken in, ${count}: ${idsOf(failed)}`),
    ...some(running, (count) => `Still being measured there, ${count}: ${idsOf(running)}`),
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
    `See them: ${nxRun(study, 'report')}`,
  ].join('\n');
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
