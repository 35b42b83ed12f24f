import type { AcceptedChange, Failure, Finding } from '../record/schema.ts';
import { nxRun } from '../workspace/project.ts';

/** Texts of the executor. */
export const messages = {
  staleGraph: (study: string, assets: string[] = []) =>
    `${assets.length > 0 ? assets.map((path) => `contents of ${path}`).join(', ') : 'its code or data'} changed after Nx had read the study: nothing was measured. Run again: ${nxRun(study, 'measure')}. If it says this again, run nx reset first: Nx's daemon may have read the study with other environment variables`,
  changedDuringRun: (what: string[]) =>
    `${what.join(', ')} changed while it was measured, so the result belongs to neither state. It is kept with the failed attempts, and the next run measures again`,
  measuredElsewhere: (folder: string) =>
    `another run measures just this now, in ${folder}, without the device lock that this run holds`,
  stoppedHashing: (cause: string, assets: string[]) =>
    `stopped by ${cause} while the contents of ${assets.join(', ')} were hashed again, for time stamps or links changed during the measurement`,
  again: (attempt: number, type: string, why: string) =>
    `measuring again: attempt ${attempt} ended with "${type}" (${why})`,
  stopped: (cause: string) => `stopped by ${cause}`,
  givenByHand: (names: string[]) =>
    `nothing was measured: a measurement takes its options from the study's plan, and none by hand (${names.map((name) => (name === '_' ? 'arguments without a name' : `--${name}`)).join(', ')}). Leave them out, or change study.yaml`,
  tooFewCpus: (asked: number, allowed: number) =>
    `the study asks for ${asked} CPU cores per measurement, but this process may use ${allowed}. Lower "cpus" in the study, or allow more cores (affinity, cgroup quota)`,
  clockSet: (seconds: number) =>
    `the clock was set ${seconds < 0 ? 'back' : 'forward'} by ${Math.abs(seconds).toFixed(0)} s while it was measured: times of day before and after don't go together, and how long its phases took is not known; elapsed_s is by a clock that nobody sets`,
  suspended: (seconds: number) =>
    `the machine was suspended for ${seconds.toFixed(0)} s while it was measured; no time limit counts that, nor does elapsed_s, but caches and clocks were not left alone`,
  final: (study: string, type: string, attempt: number, why: string) =>
    `not tried again: attempt ${attempt} ended with "${type}", which would happen again (${why}). To try all such again: NX_STUDY_RETRY=1 ${nxRun(study, 'measure')}. To choose which: ${nxRun(study, 'remeasure')} --failed ${type}`,
  tooLarge: (id: string, compared: { setting: string; larger: number; smaller: number }[], why: string) => {
    const settings = compared.map(({ setting, larger, smaller }) => `${setting} ${larger}, ${smaller} there`);
    const isLarger = compared.some(({ larger, smaller }) => larger > smaller);
    return `${isLarger ? 'larger than' : 'as large as'} ${id} (${settings.join('; ')}), which ran out of memory: ${why}`;
  },
  retrying: (type: string, retry: number, of: number) => `"${type}": trying again, ${retry} of ${of}`,
  stopAfter: (count: number, shape: string) =>
    `the study stops here: the same failure ${count} times in a row (${shape}). The rest stays pending`,
  stoppedStudy: 'not run: the study stopped after repeated failures',
  failFast: 'not run: a measurement failed before it, and NX_STUDY_FAIL_FAST is set',
  reused: 'already measured, reused from the records on disk',
  reusedFrom: (place: string) => `already measured, reused from ${place}`,
  accepted: (changes: AcceptedChange[]) =>
    `before a change that is accepted (${changes.map(({ because }) => because).join('; ')})`,
  derived: 'diagnostics derived again, nothing measured',
  deriveFailed: (why: string) => `its diagnostics could not be derived: ${why}`,
  deriveShape: (kind: string, why: string) => `what it wrote does not fit kind "${kind}": ${why}`,
  deriveUnusable: (why: string) => `what it wrote can't be used: ${why}`,
  deriveNoJson: (why: string) => `it exited with 0, but wrote no JSON object: ${why}`,
  deriveNoRecord: (directory: string) => `${directory}/record.json is gone, or can't be read`,
  deriveLocal: (file: string) =>
    `${file} is on another machine, so its diagnostics can't be derived again; those of the earlier deriving code are kept`,
  damaged: (what: string) => `it was measured, but doesn't count any more: ${what}`,
  damagedLocal: (file: string) =>
    `${file} is not the file that was measured any more, and new diagnostics need it; measuring again`,
  expectedFailure: ({ type, message }: Pick<Failure, 'type' | 'message'>) =>
    `failed, as expected (${type}: ${message})`,
  outputsReplaced:
    'not measured: Nx would not keep all of its results, for `targetDefaults` in nx.json replace the `outputs` of this target. Begin their list with "..."',
  notBuilt: (targets: string[]) =>
    `not measured: its worker depends on ${targets.join(', ')}, which this run of Nx leaves out, so what is built may be older than the code. Run it without --excludeTaskDependencies`,
  sameReason: 'not measured, for the same reason',
  goneMeanwhile: 'its result was removed or damaged while this run went on; measuring again',
  goneAgain: 'its result was removed or damaged twice while this run went on. Find out by what, then run again',
  survivors: (pids: number[]) =>
    `not run: processes of an earlier measurement still run and could not be ended (${pids.join(', ')}). End them, then run again`,
};

/** The flag of what was measured while a file was written that has the same contents as before. */
export const rewritten = (files: string[]): Finding => ({
  code: 'files-rewritten',
  message: `${files.join(', ')} ${files.length === 1 ? 'was' : 'were'} written or replaced while it was measured, with the same contents before and after: whether there were others in between can't be told`,
});

/** Texts about where results lie. */
export const stateTexts = {
  noResultsIn: (folder: string, study: string) =>
    `${folder} holds no results of ${study}: give a workspace where it was measured, the folder of its results, or the folder ${study} in that`,
};
