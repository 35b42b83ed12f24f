import { expect, test } from 'vitest';
import { readExecution } from '../../../plugins/nx-study/src/plan/execution.ts';
import { executionWith, findingsOfChoices, runChoices } from '../../../plugins/nx-study/src/plan/run-choices.ts';
import { executionSchema } from '../../../plugins/nx-study/src/plan/study.ts';

const ofStudy = (written: object) => readExecution({ execution: executionSchema.parse(written) }, []);
const chosen = (text: string) => runChoices({ NX_STUDY_EXECUTION: text });

test('the runner of one run replaces single settings of the study', () => {
  const study = ofStudy({ runner: 'local', slurm: { partition: 'cpu', account: 'lab' } });
  const execution = executionWith(chosen('{runner: slurm, slurm: {partition: gpu, time: "90"}}'), study);
  expect(execution.runner).toBe('slurm');
  expect(execution.slurm).toMatchObject({ partition: 'gpu', account: 'lab', time: '90', exclusive: true });
});

test('another runner is no other way to measure; what is chosen with it may be', () => {
  expect(findingsOfChoices(chosen('runner: slurm'))).toEqual([]);
  expect(findingsOfChoices(chosen('{runner: slurm, timeout_s: 9}'))).toMatchObject([{ code: 'run-choices' }]);
});

test.each(['30', '1:30:00', '2-00', '2-12:00:00', '90:00'])('%s is a time', (time) => {
  expect(ofStudy({ slurm: { time } }).slurm.time).toBe(time);
});

test.each<[string, RegExp]>([
  ['runner: pbs', /NX_STUDY_EXECUTION: runner: this must be `local` or `slurm`, but is "pbs"/],
  ['slurm: {time: soon}', /slurm\.time: .*minutes/],
  ['slurm: {partitions: gpu}', /partitions/],
  ['slurm: {extra: [qos=high]}', /slurm\.extra\.0: .*option of sbatch/],
  ...['--output=x', '--job-name=x', '-J x', '--array=1-3', '--requeue', '--wrap=x', '--wait', '-W', '-o x'].map(
    (option): [string, RegExp] => [`slurm: {extra: ['${option}']}`, /slurm\.extra\.0: .*option of sbatch/],
  ),
])('%s is refused', (text, message) => {
  expect(() => chosen(text)).toThrow(message);
});

test.each(['--qos=high', '--mem=8G', '-C a100', '--wait-all-nodes=1', '--nice', '--export-file=x', '-q high'])(
  '%s goes to sbatch as it is',
  (option) => {
    expect(ofStudy({ slurm: { extra: [option] } }).slurm.extra).toEqual([option]);
  },
);
