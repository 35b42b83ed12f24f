import { expect, test } from 'vitest';
import { devicesOfJob, identityVariable, variablesOfJobs } from '../../../plugins/nx-study/src/graph/variables.ts';

test('within a job a variable that Slurm sets counts as it was where the job was submitted', () => {
  const submitter = { CUDA_VISIBLE_DEVICES: '1,2', OMP_NUM_THREADS: '4' };
  const job = {
    ...submitter,
    ...variablesOfJobs(submitter),
    CUDA_VISIBLE_DEVICES: '0',
    ROCR_VISIBLE_DEVICES: '0',
    OMP_NUM_THREADS: '8',
    SLURM_JOB_ID: '17',
  };
  expect(identityVariable('CUDA_VISIBLE_DEVICES', submitter)).toBe('1,2');
  expect(identityVariable('CUDA_VISIBLE_DEVICES', job)).toBe('1,2');
  expect(identityVariable('ROCR_VISIBLE_DEVICES', job)).toBeNull();
  // What Slurm doesn't set is another value of the measurement.
  expect(identityVariable('OMP_NUM_THREADS', job)).toBe('8');
  // A job that submits jobs takes along what it was given.
  expect(variablesOfJobs(job)).toEqual(variablesOfJobs(submitter));
  expect(devicesOfJob(job)).toEqual({ CUDA_VISIBLE_DEVICES: '0', ROCR_VISIBLE_DEVICES: '0' });
});

test('outside of jobs all variables count as they are', () => {
  expect(identityVariable('CUDA_VISIBLE_DEVICES', { CUDA_VISIBLE_DEVICES: '0', SLURM_JOB_ID: '17' })).toBe('0');
  expect(identityVariable('CUDA_VISIBLE_DEVICES', {})).toBeNull();
  expect(devicesOfJob({ CUDA_VISIBLE_DEVICES: '0' })).toBeNull();
  expect(devicesOfJob({ SLURM_JOB_ID: '17' })).toBeNull();
});
