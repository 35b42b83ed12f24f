import type { SlurmSettings } from '../plan/slurm.ts';

/** What distinguishes one job from others. */
export interface Submission {
  name: string;
  comment: string;
  /** The file for all that it prints; `%j` in it stands for its number. */
  log: string;
  /** Absolute: the folder in which it starts. */
  folder: string;
  /** The node that it must run on, one of the list where the study names some; null where any that fits will do. */
  node: string | null;
}

/**
 * The options of `sbatch` for one measurement: one process on one node, never started a second time by Slurm itself. The
 * environment of this process goes along, since what a worker reads of it belongs to its identity.
 */
export function submitOptions(settings: SlurmSettings, { name, comment, log, folder, node }: Submission): string[] {
  const { partition, account, gres, constraint, time, exclusive, extra } = settings;
  const given = { partition, account, gres, nodelist: node, constraint, time };
  return [
    '--parsable',
    `--job-name=${name}`,
    `--comment=${comment}`,
    `--output=${log}`,
    `--chdir=${folder}`,
    '--nodes=1',
    '--ntasks=1',
    '--no-requeue',
    '--export=ALL',
    // A node's whole memory has to be asked for, too.
    ...(exclusive ? ['--exclusive', '--mem=0'] : []),
    ...Object.entries(given).flatMap(([option, value]) => (value === null ? [] : [`--${option}=${value}`])),
    ...extra,
  ];
}

/** The script of a job: the command in place of the shell, so that signals of Slurm reach it. */
export const scriptOf = (command: readonly string[]): string => `#!/bin/sh\nexec ${command.map(quoted).join(' ')}\n`;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
