import { expect, test } from 'vitest';
import { readExecution } from '../../../plugins/nx-study/src/plan/execution.ts';
import { executionWith, findingsOfChoices, runChoices } from '../../../plugins/nx-study/src/plan/run-choices.ts';
import { slurmFor, slurmOrigins, slurmOver } from '../../../plugins/nx-study/src/plan/slurm.ts';
import { executionSchema } from '../../../plugins/nx-study/src/plan/study.ts';

const ofStudy = (written: object) => readExecution({ execution: executionSchema.parse(written) }, []);
const chosen = (text: string) => runChoices({ NX_STUDY_EXECUTION: text });

test('the runner of one run replaces single settings of the study', () => {
  const study = ofStudy({ runner: 'local', slurm: { partition: 'cpu', account: 'lab' } });
  const execution = executionWith(chosen('{runner: slurm, slurm: {partition: gpu, time: "90"}}'), study);
  expect(execution.runner).toBe('slurm');
  expect(slurmFor(execution.slurm, 'any')).toMatchObject({
    partition: 'gpu',
    account: 'lab',
    time: '90',
    exclusive: true,
  });
});

test('a worker asks for what is said of it, and what a nearer place says for all counts more', () => {
  const study = { partition: 'cpu', time: '30', workers: { llm: { partition: 'gpu', gres: 'gpu:1' } } };
  expect(slurmFor(study, 'llm')).toMatchObject({ partition: 'gpu', gres: 'gpu:1', time: '30' });
  expect(slurmFor(study, 'constructor')).toMatchObject({ partition: 'cpu', gres: null });
  const own = slurmOver(study, { partition: 'mine', workers: { llm: { time: '90' } } });
  expect(slurmFor(own, 'llm')).toMatchObject({ partition: 'mine', gres: 'gpu:1', time: '90' });
  expect(slurmFor(own, 'other')).toMatchObject({ partition: 'mine', gres: null, time: '30' });
  expect(slurmFor(slurmOver(own, { gres: null }), 'llm').gres).toBeNull();
  expect(study.workers.llm.partition).toBe('gpu');
});

test('each setting has the place that it comes from', () => {
  const layers = [
    { from: 'study.yaml', slurm: { partition: 'cpu', time: '30', workers: { llm: { gres: 'gpu:1' } } } },
    { from: 'own', slurm: { partition: 'mine' } },
    { from: 'run', slurm: {} },
  ];
  expect(slurmOrigins(layers, 'llm')).toEqual({ partition: 'own', time: 'study.yaml', gres: 'study.yaml' });
  expect(slurmOrigins(layers, 'other')).toEqual({ partition: 'own', time: 'study.yaml' });
});

test('another runner is no other way to measure; what is chosen with it may be', () => {
  expect(findingsOfChoices(chosen('runner: slurm'))).toEqual([]);
  expect(findingsOfChoices(chosen('{runner: slurm, timeout_s: 9}'))).toMatchObject([{ code: 'run-choices' }]);
});

test.each(['30', '1:30:00', '2-00', '2-12:00:00', '90:00'])('%s is a time', (time) => {
  expect(slurmFor(ofStudy({ slurm: { time } }).slurm, 'w').time).toBe(time);
});

test.each<[string, RegExp]>([
  ['runner: pbs', /NX_STUDY_EXECUTION: runner: this must be `local` or `slurm`, but is "pbs"/],
  ['slurm: {time: soon}', /slurm\.time: .*minutes/],
  ['slurm: {partitions: gpu}', /partitions/],
  ['slurm: {workers: {llm: {gress: x}}}', /slurm\.workers\.llm\.gress: .*gres/],
  ['slurm: {workers: [llm]}', /slurm\.workers: /],
  ['slurm: {extra: [qos=high]}', /slurm\.extra\.0: .*option of sbatch/],
  ...[
    '--output=x',
    '--job-name=x',
    '-J x',
    '--array=1-3',
    '--requeue',
    '--wrap=x',
    '--wait',
    '-W',
    '-o x',
    '-N2',
    '-n4',
    '-V',
    '-Mother',
    '--clusters=x',
    '--arr=1-3',
    '--version',
  ].map((option): [string, RegExp] => [`slurm: {extra: ['${option}']}`, /slurm\.extra\.0: .*option of sbatch/]),
])('%s is refused', (text, message) => {
  expect(() => chosen(text)).toThrow(message);
});

test.each(['--qos=high', '--mem=8G', '-C a100', '--wait-all-nodes=1', '--nice', '--export-file=x', '-q high'])(
  '%s goes to sbatch as it is',
  (option) => {
    expect(ofStudy({ slurm: { extra: [option] } }).slurm.extra).toEqual([option]);
  },
);
