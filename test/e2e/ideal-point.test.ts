import { cp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import { parseCsv } from '../unit/tables/csv.ts';
import type { Workspace } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');

/** The repository's study `quick` and its worker, in a workspace of their own. */
async function quickWorkspace(): Promise<Workspace> {
  const study = await readFile(join(repository, 'studies/quick/study.yaml'), 'utf8');
  const workspace = await createWorkspace({ workers: ['ideal-point', 'kits'], studies: { quick: study } });
  await cp(join(repository, 'studies/data/simulated'), join(workspace.root, 'studies/data/simulated'), {
    recursive: true,
  });
  return workspace;
}

/** Without any Python, environment or cache folder: what is cached must need none. */
const withoutPython = ({ shellOnly }: Workspace) => ({ PATH: shellOnly, NX_STUDY_CACHE_DIR: '/nonexistent' });

test('real MCMC: measured, gated, kept as NetCDF; again without Python; derived again without sampling', async () => {
  const workspace = await quickWorkspace();
  const first = await workspace.nx(['run-many', '-t', 'measure']);
  expect(first.all).toContain('[1/2] quick wide: measured in');
  expect(first).toMatchObject({ exitCode: 0 });
  const records = workspace.finished('quick');
  expect(records).toHaveLength(2);

  for (const record of records) {
    const directory = finishedDirectory(
      { workspaceRoot: workspace.root, study: 'quick', id: record.id },
      record.digest,
    );
    const stored = (await readStored(directory))!;
    expect(stored.record).toMatchObject({ kind: 'posterior', outcome: 'measured', failure: null });
    expect(stored.record.phases.map(({ phase }) => phase)).toContain('sampling');
    expect(stored.result!.payload).toMatchObject({ sampler: { chains: 4, draws: 2000 } });
    expect(stored.derived).toMatchObject({ outcome: 'derived', payload: { divergences: expect.any(Number) } });
    const script = 'import arviz, sys; print(dict(arviz.from_netcdf(sys.argv[1]).posterior.sizes))';
    const python = await interpreterOf(workspace);
    const { stdout } = await execa(python, ['-c', script, join(directory, 'draws.nc')]);
    expect(stdout).toContain("'chain': 4, 'draw': 2000");
  }

  const report = await workspace.nx(['run', 'quick:report', '--observations']);
  expect(report.all).toContain('PASS');
  expect(report.all).not.toContain('FAIL');
  const csv = await workspace.read('results/quick/report/measurements.csv');
  expect(csv.split('\r\n')[0]).toContain('rhat_max');
  await expectSums(workspace, parseCsv(csv));

  const again = await workspace.nx(['run-many', '-t', 'measure'], { env: withoutPython(workspace) });
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.all).toContain('Nx read the output from the cache instead of running the command for 2 out of');

  await rm(join(workspace.root, '.nx'), { recursive: true });
  const reused = await workspace.nx(['run-many', '-t', 'measure'], { env: withoutPython(workspace) });
  expect(reused.all.match(/reused from the records on disk/g)).toHaveLength(2);

  await workspace.edit('workers/ideal-point/src/ideal_point/derive/__init__.py', /$/, '\n# edited\n');
  expect((await workspace.command(['quick:plan'])).all).toContain('2 to derive again');
  const derived = await workspace.nx(['run-many', '-t', 'measure']);
  expect(derived.all.match(/diagnostics derived again, nothing measured/g)).toHaveLength(2);
  expect(workspace.finished('quick').map(({ started_at }) => started_at)).toEqual(
    records.map(({ started_at }) => started_at),
  );

  await workspace.edit('workers/ideal-point/src/ideal_point/data.py', /$/, '\n# edited\n');
  expect((await workspace.command(['quick:plan'])).all).toContain('changed: measuring code');
});

/** The numbers of each vote add up to those of the measurement, but for their rounding. */
async function expectSums({ root }: Workspace, measurements: Record<string, string>[]): Promise<void> {
  const file = await asyncBufferFromFile(join(root, 'results/quick/report/observations.parquet'));
  const votes = await parquetReadObjects({ file });
  expect(measurements).toHaveLength(2);
  for (const measurement of measurements) {
    const own = votes.filter(({ id }) => id === measurement['id']);
    expect(own.map(({ observation }) => Number(observation))).toEqual(own.map((_, index) => index));
    const sum = (name: string) => own.reduce((all, vote) => all + (vote[name] as number), 0);
    expect(Math.abs(sum('elpd') - Number(measurement['elpd_loo']))).toBeLessThan(own.length * 5e-7);
    expect(Math.abs(sum('p_loo') - Number(measurement['p_loo']))).toBeLessThan(own.length * 5e-7);
    expect(Math.min(...own.map(({ ess }) => ess as number))).toBeCloseTo(Number(measurement['loo_ess_min']), 0);
    expect(own.filter(({ reliable }) => !reliable)).toHaveLength(Number(measurement['pareto_k_above']));
  }
}

/** The interpreter of the environment that the worker ran in. */
async function interpreterOf({ env, root }: Workspace): Promise<string> {
  const { prepareEnvironment } = await import('../../plugins/nx-study/src/environment/prepare.ts');
  const { readWorker } = await import('../../plugins/nx-study/src/worker/read.ts');
  const worker = await readWorker(root, 'ideal-point');
  const cacheDir = env['NX_STUDY_CACHE_DIR'];
  const { python } = await prepareEnvironment({ workspaceRoot: root, worker, ...(cacheDir && { cacheDir }) });
  expect(existsSync(python!)).toBe(true);
  return python!;
}
