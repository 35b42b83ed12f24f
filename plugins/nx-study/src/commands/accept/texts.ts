import { plural } from '../../base/layout.ts';
import type { Acceptable } from './changes.ts';
import { nxRun } from '../../workspace/project.ts';

/** Why nothing is accepted. */
export const acceptTexts = {
  reason: (study: string) =>
    `Say why earlier outcomes stay valid: ${nxRun(study, 'accept')} --because "only a comment changed"`,
  none: (study: string, refused: Acceptable['refused']) =>
    refused.length === 0
      ? `Nothing of ${study} was measured with other code or dependencies than now, so there is nothing to accept.`
      : ['Nothing can be accepted.', ...refusedLines(refused), `Measure again: ${nxRun(study, 'measure')}`].join('\n'),
};

/** The output of `accept`. */
export function acceptedText(study: string, { changes, ids, refused, file }: Acceptable & { file: string }): string {
  return [
    `Accepted for ${counted(ids.length)}, in ${file} (commit it):`,
    ...changes.map(
      ({ worker, from, to }) =>
        `  ${[
          worker,
          ...(from.code === to.code ? [] : [`measuring code ${short(from.code)} → ${short(to.code)}`]),
          ...(from.environment === to.environment
            ? []
            : [`locked dependencies ${short(from.environment)} → ${short(to.environment)}`]),
        ].join(', ')}`,
    ),
    ...(refused.length > 0 ? refusedLines(refused) : []),
    `The next run reuses the earlier outcomes, and flags them: ${nxRun(study, 'measure')}`,
    'To withdraw it, delete the file.',
  ].join('\n');
}

const SHOWN = 12;

function refusedLines(refused: Acceptable['refused']): string[] {
  const more = refused.length - SHOWN;
  return [
    'More than code and dependencies changed since these were measured. Another configuration, data, seed, take, number of cores, platform or environment variable makes another measurement:',
    ...refused.slice(0, SHOWN).map(({ id, differences }) => `  ${id}: ${differences.join(', ')}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

const short = (hash: string | null): string => hash?.slice(0, 8) ?? 'none';
const counted = (count: number) => plural(count, 'measurement');
