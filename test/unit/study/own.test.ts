import { expect, test } from 'vitest';
import { plannedRunner, runnerLines } from '../../../plugins/nx-study/src/commands/plan/runner.ts';
import { runChoices } from '../../../plugins/nx-study/src/plan/run-choices.ts';
import { slurmFor } from '../../../plugins/nx-study/src/plan/slurm.ts';
import { chosenExecution } from '../../../plugins/nx-study/src/study/own.ts';
import { errorOf, load, loadIn, makeWorkspace } from './workspace.ts';

const ofStudy = `platform: any
workers: [sampler, llama-cpp]
base: { sampler: { votes: ../data/votes.csv }, llama-cpp: { model: m } }
execution: { slurm: { partition: gpu, time: '30', workers: { llama-cpp: { gres: 'gpu:1' } } } }
`;

async function chosen(own: string | null, env: Record<string, string> = {}, study = ofStudy) {
  const files = own === null ? {} : { 'nx-study.local.yaml': own };
  const root = await makeWorkspace({ 'studies/s/study.yaml': study, ...files });
  const { plan } = await loadIn(root, 's');
  const found = chosenExecution(root, plan.execution, runChoices(env));
  return { ...found, plan, lines: runnerLines(plannedRunner(found, plan)) };
}

test('without a file of one’s own the study’s settings stand as they are', async () => {
  for (const own of [null, '', '# nothing yet\n', 'execution: {}\n']) {
    const { execution, plan, runner_from, lines } = await chosen(own);
    expect(execution).toBe(plan.execution);
    expect([runner_from, lines]).toEqual([null, []]);
  }
});

test('the own file counts more than the study, and the variable of one run more than both', async () => {
  const own = 'execution: { runner: slurm, slurm: { account: lab7, partition: mine } }\n';
  const { execution, lines } = await chosen(own, { NX_STUDY_EXECUTION: "slurm: {time: '90'}" });
  expect(execution.runner).toBe('slurm');
  expect(slurmFor(execution.slurm, 'llama-cpp')).toMatchObject({
    account: 'lab7',
    partition: 'mine',
    time: '90',
    gres: 'gpu:1',
  });
  expect(lines).toEqual([
    'runner: slurm (nx-study.local.yaml), a job for each measurement',
    '  of sampler: partition mine, account lab7 (nx-study.local.yaml); time 90 (NX_STUDY_EXECUTION); a whole node',
    '  of llama-cpp: partition mine, account lab7 (nx-study.local.yaml); time 90 (NX_STUDY_EXECUTION); gres gpu:1 (study.yaml); a whole node',
  ]);
});

test('one measures here what the study gives to the cluster', async () => {
  const study = ofStudy.replace('execution: {', 'execution: { runner: slurm,');
  const { execution, lines } = await chosen('execution: { runner: local }', {}, study);
  expect(execution.runner).toBe('local');
  expect(lines).toEqual(['runner: local (nx-study.local.yaml)']);
});

test.each<[string, RegExp]>([
  ['execution:\n  runer: slurm\n', /nx-study\.local\.yaml:2:3 {2}execution\.runer\n.*\n.*`runner`/],
  ['execution:\n  slurm: { gres: 1 }\n', /:2:18 {2}execution\.slurm\.gres\n.*must be text.*\n.*in quotes/],
  ['execution: { timeout_s: 5 }\n', /execution\.timeout_s\n.*\n.*runner/],
  [
    'execution:\n  slurm:\n    workers: { lama-cpp: { gres: x } }\n',
    /:3:16 {2}execution\.slurm\.workers\.lama-cpp\n.*\n.*`llama-cpp`/,
  ],
  ['runner: slurm\n', /nx-study\.local\.yaml:1:1 {2}runner/],
  ['- a\n', /must be/],
  ['execution: {\n', /not valid YAML/],
])('the own file %j is refused with its place', async (own, message) => {
  await expect(chosen(own)).rejects.toThrow(message);
  await expect(chosen(own)).rejects.toThrow(/^nothing was started: nx-study\.local\.yaml, your own settings/);
});

test('a worker that does not measure is refused in a study, and in the variable one that does not exist', async () => {
  const error = await errorOf(load(`worker: sampler\nbase: {votes: ../data/votes.csv}\n${ofStudy.split('\n')[3]!}\n`));
  expect(error.issues).toMatchObject([{ path: 'execution.slurm.workers.llama-cpp', line: 3 }]);
  const env = { NX_STUDY_EXECUTION: 'slurm: {workers: {llama_cpp: {gres: x}}}' };
  await expect(chosen(null, env)).rejects.toThrow(/NX_STUDY_EXECUTION: slurm\.workers\.llama_cpp: .*`llama-cpp`/);
});
