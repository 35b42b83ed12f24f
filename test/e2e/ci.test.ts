import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { blocksOf } from '../helpers/docs.ts';
import { labelOf } from '../helpers/starts.ts';
import { cloneWorkspace, commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

interface Step {
  run?: string;
  if?: string;
}
interface Workflow {
  jobs: Record<string, { strategy?: { matrix: { lane: string[] } }; steps: Step[] }>;
}
interface GitLabJob {
  script: string[];
  after_script: string[];
}

const [onPullRequest, onGitLab, onMachines] = blocksOf('docs/ci-and-remote-cache.md')
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => parse(text.replaceAll('senate-beta-prior', 'letters'))) as [
  Workflow,
  { measure: GitLabJob },
  Workflow,
];

const [onLanes] = blocksOf('docs/several-machines.md')
  .filter(({ text }) => text.includes('jobs:'))
  .map(({ text }) => parse(text.replaceAll('senate-beta-prior', 'letters'))) as [Workflow];

/** The lines of a job that run for an event. What runs without `npm ci`: the modules are there. */
const linesOf = ({ jobs }: Workflow, job: string, event: string): string[] =>
  jobs[job]!.steps.filter((step) => !step.if?.includes('event_name') || step.if.includes(event)).flatMap(
    ({ run }) => run ?? [],
  );

/** Runs lines as a job does, each in a shell of its own, and says which measurements they started. */
async function runLines(workspace: Workspace, lines: string[], env: Record<string, string> = {}): Promise<string[]> {
  const before = workspace.starts().length;
  for (const line of lines.filter((one) => one !== 'npm ci'))
    await execa('bash', ['-e', '-c', line], {
      cwd: workspace.root,
      env: { ...workspace.env, CI: 'true', NO_COLOR: '1', ...env },
    });
  return workspace
    .starts()
    .slice(before)
    .map(({ id }) => labelOf(id));
}

const takeResults = (from: Workspace, to: string) => cp(join(from.root, 'results'), to, { recursive: true });

async function create() {
  const letters = 'worker: scripted\nsweep: {value: [1, 2]}\n';
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters } });
  await workspace.nx(['sync']);
  await commit(workspace);
  const base = await workspace.git('rev-parse', 'HEAD');
  await workspace.edit('studies/letters/study.yaml', '[1, 2]', '[1, 2, 3]');
  await workspace.nx(['sync']);
  await commit(workspace);
  return { workspace, base };
}

test('the lines of the workflow and of the GitLab job measure what a commit changes, then nothing', async () => {
  const { workspace, base } = await create();
  const summary = join(workspace.home, 'summary.md');
  const env = { NX_BASE: base, GITHUB_STEP_SUMMARY: summary };

  const first = await cloneWorkspace(workspace, 'first');
  const ofPullRequest = linesOf(onPullRequest, 'measure', 'pull_request');
  expect(ofPullRequest).toHaveLength(4);
  expect(await runLines(first, ofPullRequest, env)).toEqual(['value-3']);
  expect(await readFile(summary, 'utf8')).toMatch(
    /^## letters\n\n.*1 measured.*\n[^]*\| value-3 [^]*\nAll numbers: .*\n$/,
  );

  const second = await cloneWorkspace(workspace, 'second');
  await takeResults(first, join(second.root, 'results'));
  expect(await runLines(second, linesOf(onPullRequest, 'measure', 'push'), env)).toEqual(['value-1', 'value-2']);

  const third = await cloneWorkspace(workspace, 'third');
  await takeResults(second, join(third.root, 'results'));
  const { script, after_script: after } = onGitLab.measure;
  expect(script).toHaveLength(3);
  expect(await runLines(third, [...script, ...after], env)).toEqual([]);
  expect(await third.read('report.md')).toMatch(/^## letters\n\n.*3 measured/);
  await writeFile(join(third.root, 'studies/letters/study.lock'), '{}\n');
  await expect(runLines(third, script, env)).rejects.toThrow('sync:check');
});

test('the lines of the workflow for several machines end in one report', async () => {
  const { workspace } = await create();
  const place = join(workspace.root, 'machines');
  await mkdir(place);
  for (const machine of ['laptop', 'gpu-box']) {
    const clone = await cloneWorkspace(workspace, machine);
    expect(await runLines(clone, linesOf(onMachines, 'measure', ''))).toHaveLength(3);
    await takeResults(clone, join(place, `results-${machine}`));
  }
  expect(existsSync(join(workspace.root, 'results'))).toBe(false);
  const lines = linesOf(onMachines, 'report', '');
  expect(await runLines(workspace, lines)).toEqual([]);
  const table = await workspace.read('results/letters/report/measurements.csv');
  expect(
    table
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .filter((row) => row.includes('measured')),
  ).toHaveLength(6);
});

test('the lines of the workflow for lanes measure each lane on its machine, and report also without one of them', async () => {
  const letters = 'worker: scripted\nsweep: {value: [1, 2]}\nrepeat: {times: 3}\nexecution: {lanes: 3}\n';
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters } });
  await workspace.nx(['sync']);
  await commit(workspace);
  expect(onLanes.jobs['measure']!.strategy!.matrix.lane).toEqual(['1', '2', '3']);
  const ofLane = (lane: string) =>
    linesOf(onLanes, 'measure', '').map((line) => line.replaceAll('${{ matrix.lane }}', lane));
  // As `upload-artifact` and `download-artifact` bring them; the job of the third lane failed before it measured.
  const artifact = (lane: string) => join(workspace.root, `lanes/results-${lane}`);
  for (const [lane, started] of Object.entries({ 1: ['value-1', 'value-2'], 2: ['value-1-r2', 'value-2-r2'] })) {
    const clone = await cloneWorkspace(workspace, `lane-${lane}`);
    expect(await runLines(clone, ofLane(lane))).toEqual(started);
    await takeResults(clone, artifact(lane));
  }
  const lines = linesOf(onLanes, 'report', '').filter((line) => line !== 'npm ci');
  expect(lines).toHaveLength(2);
  const [take, report] = lines as [string, string];
  await expect(runLines(workspace, [take])).rejects.toThrow(
    /Taken in, 4 measurements[^]*Nothing was there, in 1 folder:\n.*lanes\/results-3[^]*lane 3, 2: /,
  );
  // It runs always.
  expect(await runLines(workspace, [report])).toEqual([]);
  const measured = async () => {
    const table = await workspace.read('results/letters/report/measurements.csv');
    return table.split('\r\n').filter((row) => row.includes(',measured,')).length;
  };
  expect(await measured()).toBe(4);

  const third = await cloneWorkspace(workspace, 'lane-3');
  expect(await runLines(third, ofLane('3'))).toEqual(['value-1-r3', 'value-2-r3']);
  await takeResults(third, artifact('3'));
  expect(await runLines(workspace, lines)).toEqual([]);
  expect(await measured()).toBe(6);
});

test('results that are committed as the page says are all that a clone needs', async () => {
  const { workspace } = await create();
  const [ignored, attributes] = blocksOf('docs/results-in-git.md');
  await workspace.write('.gitignore', `node_modules/\n.nx/\n${ignored!.text}`);
  await workspace.write('.gitattributes', attributes!.text);
  expect((await workspace.measure()).started).toHaveLength(3);
  expect((await workspace.nx(['run', 'letters:report'])).exitCode).toBe(0);
  await commit(workspace);
  const files = (await workspace.git('ls-files', 'results')).split('\n');
  expect(new Set(files.map((file) => file.split('/').slice(4).join('/')))).toEqual(
    new Set(['record.json', 'result.json', 'derived.json']),
  );
  const clone = await cloneWorkspace(workspace);
  // As on a machine where git changes line ends: all files are written anew.
  await clone.git('config', 'core.autocrlf', 'true');
  await clone.git('rm', '-rq', '--cached', '.');
  await clone.git('reset', '-q', '--hard');
  expect(await clone.measure()).toMatchObject({ exitCode: 0, started: [] });
  expect(clone.finished('letters')).toEqual(workspace.finished('letters'));
});
