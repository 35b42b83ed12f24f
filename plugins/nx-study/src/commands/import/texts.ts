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
    ...section(
      `Not what the study would measure now, ${counted(other.length)}:`,
      other.map(
        ({ id, differences }) => `${id}: ${differences.join('; ') || 'no measurement of the plan has this id'}`,
      ),
    ),
    ...section(
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

const idsOf = (list: readonly { id: string }[]): string => {
  const shown = list.slice(0, SHOWN).map(({ id }) => id);
  return [...shown, ...(list.length > SHOWN ? [`${list.length - SHOWN} more`] : [])].join(', ');
};

function section(head: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - SHOWN;
  return [head, ...lines.slice(0, SHOWN).map((line) => `  ${line}`), ...(more > 0 ? [`  … and ${more} more`] : [])];
}

const counted = (count: number) => `${count} ${count === 1 ? 'measurement' : 'measurements'}`;
