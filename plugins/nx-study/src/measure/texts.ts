import { nxRun } from '../workspace/project.ts';

const SHOWN = 5;

const some = (ids: string[]): string => (ids.length > SHOWN ? `${ids.slice(0, SHOWN).join(', ')}, …` : ids.join(', '));

const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}`;

/** Texts of the check whether all of a study is measured. */
export const verifyTexts = {
  all: (study: string, measured: number, expected: number) =>
    `${study}: ${count(measured, 'measured')}${expected > 0 ? `, ${count(expected, 'failed as expected')}` : ''}, none is missing`,
  lacking: (study: string, failed: string[], missing: string[], why: 'replaced' | 'excluded' | 'cached') =>
    [
      `${study} is not completely measured:`,
      ...(failed.length > 0 ? [`  ${count(failed.length, 'failed')}: ${some(failed)}`] : []),
      ...(missing.length > 0
        ? [`  ${count(missing.length, 'without a complete result on disk')}: ${some(missing)}`]
        : []),
      nextStep(study, why),
    ].join('\n'),
};

function nextStep(study: string, why: 'replaced' | 'excluded' | 'cached'): string {
  if (why === 'replaced')
    return '`targetDefaults` in nx.json replace the `dependsOn` of this target, so its measurements were not asked for. Begin their list with "..."';
  if (why === 'excluded')
    return `Measurements were left out of this run, as with --excludeTaskDependencies. Measure them: ${nxRun(study, 'measure')}`;
  return `Nx's cache reports them as done, but does not contain them. Empty the cache and run again; measured results stay: nx reset --onlyCache, then ${nxRun(study, 'measure')}`;
}
