import { headed, listed, plural } from '../../base/layout.ts';
import { didYouMean } from '../../base/words.ts';
import type { Remeasured } from './remeasured.ts';
import { takesFile } from '../../amendments/takes.ts';
import { nxRun } from '../../workspace/project.ts';

const SHOWN = 12;

/** Why `remeasure` can't choose by a value. */
export const selectTexts = {
  nothing: ({ ids, flags, failures }: { ids: string[]; flags: string[]; failures: string[] }) =>
    [
      'Say what to measure again:',
      `  --id       an id, the beginning of ids, or a label: ${listed(ids, SHOWN)}`,
      `  --flagged  ${flags.length > 0 ? flags.join(', ') : 'nothing is flagged'}`,
      `  --failed   ${failures.length > 0 ? failures.join(', ') : 'nothing failed'}`,
      'Several values are separated by commas. Flags and failures add up; --id chooses among them.',
    ].join('\n'),
  none: 'None of those with these flags or failures has such an id: nothing is chosen.',
  unknownId: (name: string, known: string[]) => sentence(`no measurement is called "${name}"`, name, known),
  unknownFlag: (code: string, known: string[]) =>
    known.length === 0 ? 'Nothing of this study is flagged.' : sentence(`nothing is flagged "${code}"`, code, known),
  unknownFailure: (type: string, found: string[], types: string[]) => {
    if (type === 'skipped') return RENAMED;
    if (!types.includes(type)) return sentence(`"${type}" is no type of failure`, type, types);
    return found.length === 0
      ? `Nothing of this study failed with "${type}", nor with anything else.`
      : `Nothing of this study failed with "${type}", but with: ${found.join(', ')}.`;
  },
};

const RENAMED =
  'No failure is called "skipped" any more. A measurement that was not started because it is too large is "too-large": --failed too-large. A configuration that its worker refuses is "invalid", and is never measured.';

/** The output of `remeasure`. */
export function remeasuredText(
  workspaceRoot: string,
  study: string,
  { raised, retried, running, pending }: Remeasured,
): string {
  const lines = [
    ...below(
      `To be measured again, ${counted(raised.length)} (${takesFile(workspaceRoot, study)}: commit it; earlier takes stay on disk):`,
      raised.map(({ id, take }) => `${id}, take ${take}`),
    ),
    ...below(
      `To be tried again, ${counted(retried.length)} without a result (the failed attempts stay on disk):`,
      retried.map(({ id, type }) => `${id}, after "${type}"`),
    ),
    ...below(`Measured just now, so nothing is changed, ${counted(running.length)}:`, running),
    ...below(`Measured by the next run anyhow, ${counted(pending.length)}:`, pending),
    `Now run: ${nxRun(study, 'measure')}`,
  ];
  return lines.join('\n');
}

function sentence(problem: string, word: string, known: string[]): string {
  const hint = didYouMean(word, known) ?? (known.length > 0 ? `There are: ${listed(known, SHOWN)}.` : '');
  return `${problem[0]!.toUpperCase()}${problem.slice(1)}. ${hint}`.trim();
}

const counted = (count: number) => plural(count, 'measurement');
const below = (head: string, lines: readonly string[]) => headed(head, lines, SHOWN);
