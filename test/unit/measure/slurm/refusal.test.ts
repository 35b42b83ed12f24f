import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MeasureTask } from '../../../../plugins/nx-study/src/graph/task.ts';
import { refusalBySlurm } from '../../../../plugins/nx-study/src/measure/slurm/refusal.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { plainExecution } from '../../../helpers/execution.ts';
import { aTask } from '../task.ts';

async function programs(...names: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of names) await writeFile(join(folder, name), '', { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const bySlurm = (change: Partial<MeasureTask>) =>
  aTask({ execution: { ...plainExecution, runner: 'slurm' }, ...change });

test('each program of Slurm must be there, for its runner alone', async () => {
  await programs('sbatch', 'squeue', 'scancel');
  expect(refusalBySlurm(bySlurm({}), null)).toMatch(/`runner: slurm` needs scontrol, .* with the runner local: /);
  expect(refusalBySlurm(aTask({ platform: 'host' }), null)).toBeNull();
});

test('what stands for the machine that runs nx is refused', async () => {
  await programs('sbatch', 'squeue', 'scancel', 'scontrol');
  const workers = await readWorkers(join(import.meta.dirname, '../../../..'));
  const transformers = workers.get('transformers')!;
  const refusal = (change: Partial<MeasureTask>) => refusalBySlurm(bySlurm(change), transformers);
  expect(refusal({ platform: 'host' })).toContain('`platform: host` stands for the machine that runs nx');
  expect(refusal({ configuration: { device: 'auto' } })).toContain('`device: auto` is decided by the machine');
  expect(refusal({ configuration: { device: 'cuda' } })).toBeNull();
});
