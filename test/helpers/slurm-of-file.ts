import { afterAll, beforeAll } from 'vitest';
import type { TestContext } from 'vitest';
import { startSlurm } from './slurm.ts';
import type { Slurm } from './slurm.ts';

/** One cluster for all tests of a file. Gives it to a test, or skips the test, with the reason, where it can't run. */
export function slurmOfFile(nodes: number): (context: TestContext) => Slurm {
  let started: Slurm | string;
  beforeAll(async () => {
    started = await startSlurm(nodes);
  }, 120_000);
  afterAll(async () => {
    if (typeof started === 'object') await started.stop();
  });
  return (context) => (typeof started === 'string' ? context.skip(started) : started);
}
