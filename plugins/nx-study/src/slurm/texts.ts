import type { Ending } from './jobs.ts';

const noProgram = (name: string) =>
  `nothing was measured: \`runner: slurm\` needs ${name}, which is not on the PATH. Run it on a machine from which jobs can be submitted, or with the runner local: NX_STUDY_EXECUTION='runner: local'`;

/** Texts about jobs of Slurm. */
export const slurmTexts = {
  noProgram,
  hostPlatform:
    'nothing was measured: `platform: host` stands for the machine that runs nx, and with `runner: slurm` others measure. Write the name of a file in studies/platforms, or `platform: any`',
  autoVariant: (path: string, locks: readonly string[]) =>
    `nothing was measured: \`${path}: auto\` is decided by the machine that runs nx, and with \`runner: slurm\` others measure. Write one of ${locks.join(', ')}`,
  refused: (why: string) => `Slurm does not take the job: ${why}`,
  noQueue: (why: string) => `squeue fails, so that nothing is known of the jobs; trying again: ${why}`,
  submitted: (job: string, node: string | null, count: number) =>
    `job ${job} submitted${node === null ? '' : ` to ${node}`}${count === 1 ? '' : `, with ${count} measurements`}`,
  adopted: (job: string, count: number) =>
    `job ${job} of an earlier or another run measures ${count === 1 ? 'it' : `${count} of them`}; going on with that`,
  waits: (job: string, reason: string) => `job ${job} waits (${reason})`,
  moved: (node: string, reason: string) => `node ${node} can't be used (${reason}); the lane goes to another one`,
  runs: (job: string, node: string | null) => `job ${job} runs${node === null ? '' : ` on ${node}`}`,
  where: (job: string, node: string | null) => `job ${job}${node === null ? '' : ` on ${node}`}`,
  claimed: 'another run is submitting it just now',
  ended(job: string, { state, node, exit, reason }: Ending): string {
    if (state === null) return `Slurm does not know job ${job} any more`;
    const more = [
      ...(reason === null || reason === state ? [] : [`reason ${reason}`]),
      ...(exit === null || exit === '0:0' ? [] : [`exit code and signal ${exit}`]),
    ];
    const place = node === null ? '' : ` on ${node}`;
    return `job ${job} ended${place} with ${state}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
  },
  withoutRecord: (ended: string, log: string) => `${ended}, without a record of the measurement. Its log: ${log}`,
};
