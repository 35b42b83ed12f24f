import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');

const MODEL = `import pymc as pm


def build(data, config):
    with pm.Model() as model:
        mean = pm.Normal("mean", 0, config["sd"])
        if config.get("wall"):
            pm.Potential("wall", -(mean**2))
        pm.Normal("y", mean, 1, observed=[1.0, 2.5, 0.5, 3.0, 2.0])
    return model
`;
const PRIORS = `worker: pymc
base: { model: model.py, sampler: prior, draws: 500 }
sweep: { config.sd: [1, 100] }
report: { baseline: { config.sd: 1 } }
`;
const VOTES = `worker: ideal-point
base:
  votes: ../data/simulated/votes.csv
  legislators: ../data/simulated/legislators.csv
  sampler: prior
  draws: 400
sweep: { model: [flat, hierarchical] }
report: { baseline: { model: flat } }
`;
const WALL = 'worker: pymc\nbase: { model: ../priors/model.py, sampler: prior, config: { sd: 1, wall: true } }\n';

test('a study of priors needs no sampling, says so everywhere, and derives again; what has no draws fails by type', async () => {
  const workspace = await createWorkspace({
    workers: ['pymc', 'ideal-point', 'kits'],
    studies: { priors: PRIORS, votes: VOTES, wall: WALL },
    files: { 'studies/priors/model.py': MODEL },
  });
  await cp(join(repository, 'studies/data/simulated'), join(workspace.root, 'studies/data/simulated'), {
    recursive: true,
  });
  const plan = await workspace.command(['priors:plan']);
  expect(plan.all).toContain('gates: none applies to 2 measurements, whose settings leave nothing to judge');

  for (const study of ['priors', 'votes']) {
    expect(await workspace.nx(['run', `${study}:measure`])).toMatchObject({ exitCode: 0 });
    expect(workspace.finished(study)).toHaveLength(2);
    for (const record of workspace.finished(study)) {
      expect(record.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['drawing']));
      expect(record.phases.map(({ phase }) => phase)).not.toContain('compiling');
      const directory = finishedDirectory({ workspaceRoot: workspace.root, study, id: record.id }, record.digest);
      const stored = (await readStored(directory))!;
      expect(stored.result!.payload).toMatchObject({ sampler: { name: 'prior', chains: null } });
      expect(stored.derived).toMatchObject({ outcome: 'derived', payload: { divergences: null, loo: null } });
    }
  }

  const report = await workspace.command(['priors:report']);
  expect(report.all).toContain('Under the prior of `sd-1` (500 draws, no posterior), the mean is');
  expect(report.all).toContain('mean of y (prior)');
  expect(report.all).toContain('from-prior');
  expect(report.all).not.toMatch(/PASS|FAIL/);
  const header = (await workspace.read('results/priors/report/measurements.csv')).split('\r\n')[0]!.split(',');
  expect(header).toEqual(expect.arrayContaining(['prior.mean', 'prior.mean_low', 'prior.data_mean.y']));
  expect(header).not.toContain('mean');
  const votes = await workspace.command(['votes:report']);
  expect(votes.all).toContain('share of 1 (prior)');
  expect(await workspace.read('results/votes/report/index.html')).toContain(
    'What the priors make, without a posterior',
  );

  await workspace.edit('workers/pymc/src/pymc_worker/derive/__init__.py', /$/, '\n# edited\n');
  const before = workspace.finished('priors').map(({ started_at }) => started_at);
  const again = await workspace.nx(['run', 'priors:measure']);
  expect(again.all.match(/diagnostics derived again, nothing measured/g)).toHaveLength(2);
  expect(workspace.finished('priors').map(({ started_at }) => started_at)).toEqual(before);

  const wall = await workspace.nx(['run', 'wall:measure']);
  expect(wall.exitCode).not.toBe(0);
  expect(workspace.failed('wall')).toMatchObject([
    { failure: { type: 'unsupported', message: expect.stringContaining('nothing can be drawn from a potential') } },
  ]);
});
