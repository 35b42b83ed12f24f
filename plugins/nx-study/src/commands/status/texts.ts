import { nxRun } from '../../workspace/project.ts';

/** Texts of `status`. */
export const statusTexts = {
  supervisorGone: (pid: number) => `its supervisor (pid ${pid}) is gone`,
  stoppedBy: (cause: string) => `stopped by ${cause}`,
  silentHost: (host: string, time: string) => `nothing was heard from ${host} for ${time}`,
  restingHere: 'nothing is measured on this machine',
  noJournal: 'there is no journal: all of this comes from the records',
  journalProblem: (why: string) => `journal.jsonl ${why}: all of this comes from the records`,
  damaged: (what: string) => `damaged, so it does not count: ${what}`,
  moreDamaged: (count: number) => `${count} more are damaged; the report names them`,
  unnoted: (count: number) =>
    `${count} known from records only: restored from a cache, copied, or of a journal that was lost`,
  gone: (count: number) => `${count} in the journal, but their records are gone or can't be read`,
  unreadable: (count: number) => `${count} ${count === 1 ? 'line' : 'lines'} of the journal can't be read`,
  edited: 'the study was edited meanwhile: what is shown is the plan as it was. Start again',
  otherRun: (pid: number, host: string) => `another run of this study lives, pid ${pid} on ${host}`,
  slurmSilent: (since: string, time: string) => `Slurm has not answered since ${since} (${time})`,
  jobsUnknown: (silent: string, why: string) => `${silent}, so that nothing is known of its jobs: ${why}`,
  lanesBeside: 'less where lanes run beside each other',
  jobsGoOn: 'no run of nx watches the jobs; they go on, and the next run goes on with them',
  stale: (time: string) => `no heartbeat for ${time}: it may hang`,
  silent: (time: string) => `last heard of ${time} ago`,
  unheard: 'nothing heard of it yet',
  overdue: 'longer than ever before',
  unplanned: 'no longer in the plan',
  nothing: (study: string) => `Nothing runs. Measure: ${nxRun(study, 'measure')}`,
  goOn: (study: string) => `Go on with: ${nxRun(study, 'measure')}`,
  finished: 'Nothing runs, and nothing is left to do.',
  watchInBatch: (study: string) =>
    `--watch follows one study, and --batch shows several once. Use one of them: ${nxRun(study, 'status')} --watch`,
  failed: (study: string) => `Nothing runs. What failed is in: ${nxRun(study, 'report')}`,
};
