import type { MeasureTask } from '../../../plugins/nx-study/src/graph/task.ts';
import { plainExecution } from '../../helpers/execution.ts';

/** A task as the plugin makes them, for tests that need one. */
export const aTask = (change: Partial<MeasureTask> = {}): MeasureTask => ({
  study: 's',
  id: 'normal-00000000',
  experiment: 'normal-00000000',
  label: 'normal',
  worker: 'scripted',
  configuration: {},
  dataFiles: [],
  pythonFiles: [],
  assets: [],
  unhashed: [],
  variant: null,
  platform: 'any',
  cpus: null,
  repetition: 1,
  seed: 1,
  take: 1,
  expect: null,
  accepted: [],
  digest: '0'.repeat(64),
  varied: {},
  index: 0,
  of: 1,
  cycle: 1,
  lane: 1,
  studySeed: 1,
  execution: plainExecution,
  ...change,
});
