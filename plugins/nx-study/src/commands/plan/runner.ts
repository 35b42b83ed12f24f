import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../../base/group-by.ts';
import { slurmFor, slurmOrigins } from '../../plan/slurm.ts';
import type { SlurmSettings } from '../../plan/slurm.ts';
import type { Execution, Plan } from '../../plan/types.ts';
import type { ChosenExecution } from '../../study/own.ts';

/** What starts the measurements of a run, and who says so. */
export interface PlannedRunner {
  runner: Execution['runner'];
  /** study.yaml, the user's own file, or a variable; null where nobody says it. */
  from: string | null;
  /** What the jobs of some workers ask Slurm for; empty where no jobs are made. */
  jobs: { workers: string[]; settings: SlurmSettings; from: Partial<Record<keyof SlurmSettings, string>> }[];
}

/** The runner of a study's next run. Workers whose jobs ask for the same are together. */
export function plannedRunner(
  { execution: { runner, slurm }, runner_from: from, layers }: ChosenExecution,
  { experiments }: Pick<Plan, 'experiments'>,
): PlannedRunner {
  const jobs: PlannedRunner['jobs'] = [];
  if (runner === 'local') return { runner, from, jobs };
  for (const worker of new Set(experiments.map((one) => one.worker))) {
    const asked = { settings: slurmFor(slurm, worker), from: slurmOrigins(layers, worker) };
    const same = jobs.find((known) => isDeepStrictEqual(known, { workers: known.workers, ...asked }));
    if (same) same.workers.push(worker);
    else jobs.push({ workers: [worker], ...asked });
  }
  return { runner, from, jobs };
}

/** The runner for people; nothing where this machine measures because nobody says otherwise. */
export function runnerLines({ runner, from, jobs }: PlannedRunner): string[] {
  if (runner === 'local') return from === null ? [] : [`runner: local (${from})`];
  const each = jobs.every(({ settings }) => settings.pack === 1)
    ? 'a job for each measurement'
    : 'jobs of several measurements';
  const head = `runner: slurm (${from!}), ${each}`;
  if (jobs.length === 1) return [`${head}: ${askedText(jobs[0]!)}`];
  return [head, ...jobs.map((job) => `  of ${job.workers.join(', ')}: ${askedText(job)}`)];
}

/** `partition gpu, account lab (nx-study.local.yaml); gres gpu:1 (study.yaml); a whole node` */
function askedText({ settings, from }: PlannedRunner['jobs'][number]): string {
  const said = Object.entries(from) as [keyof SlurmSettings, string][];
  const parts = [...groupBy(said, ([, place]) => place)].map(
    ([place, own]) => `${own.map(([name]) => settingText(name, settings)).join(', ')} (${place})`,
  );
  return [...parts, ...(from.exclusive === undefined ? [WHOLE] : [])].join('; ');
}

const WHOLE = 'a whole node';

function settingText(name: keyof SlurmSettings, settings: SlurmSettings): string {
  const value = settings[name];
  if (name === 'exclusive') return settings.exclusive ? WHOLE : 'the node may be shared';
  if (name === 'prepare') return `environments and models prepared ${settings.prepare === 'here' ? 'here' : 'by jobs'}`;
  if (name === 'pack') return `up to ${settings.pack} in one job`;
  if (value === null) return `${name} left to the cluster`;
  return name === 'extra' ? settings.extra.join(' ') || 'no further options' : `${name} ${String(value)}`;
}
