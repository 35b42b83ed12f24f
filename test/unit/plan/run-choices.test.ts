import { expect, test } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { readExecution } from '../../../plugins/nx-study/src/plan/execution.ts';
import {
  choicesLines,
  executionWith,
  findingsOfChoices,
  leftOut,
  orderedAs,
  refuseUnknownSettings,
  runChoices,
} from '../../../plugins/nx-study/src/plan/run-choices.ts';
import { executionSchema } from '../../../plugins/nx-study/src/plan/study.ts';

const ofStudy = (written: object) => readExecution({ execution: executionSchema.parse(written) }, []);
const gap = { min_s: 10, cycle_s: 40, until: { temperature_rise_c: 3 } };

test('without choices nothing changes', () => {
  const choices = runChoices({});
  expect(choices).toEqual({ execution: {}, order: null, only: {}, written: {} });
  const execution = ofStudy({ gap });
  expect(executionWith(choices, execution)).toBe(execution);
  expect(findingsOfChoices(choices)).toEqual([]);
});

test('settings of the run replace those of the study, and all others stay', () => {
  const choices = runChoices({ NX_STUDY_EXECUTION: '{timeout_s: 60, gap: {min_s: 5}, stop_after: {same_failure: 2}}' });
  expect(executionWith(choices, ofStudy({ gap, budget_s: 100 }))).toEqual({
    ...ofStudy({ gap, budget_s: 100 }),
    timeout_s: 60,
    stop_after_same_failure: 2,
    gap: { min_s: 5, cycle_s: 40, max_s: 300, until: { temperature_rise_c: 3 } },
  });
});

test('without gaps nothing is waited for', () => {
  const choices = runChoices({ NX_STUDY_GAPS: 'off' });
  expect(executionWith(choices, ofStudy({ gap })).gap).toEqual({ min_s: 0, cycle_s: 0, max_s: 0, until: null });
  expect(runChoices({ NX_STUDY_GAPS: 'on' }).written).toEqual({});
});

test('settings of which larger values need more memory stay those of the study', () => {
  const monotone = [{ worker: null, path: ['size'] }];
  const execution = readExecution({ execution: executionSchema.parse({}) }, monotone);
  expect(executionWith(runChoices({ NX_STUDY_EXECUTION: 'timeout_s: 1' }), execution).monotone).toEqual(monotone);
});

test.each([
  [{ NX_STUDY_EXECUTION: 'timeout: 60' }, /NX_STUDY_EXECUTION: timeout.*timeout_s/s],
  [{ NX_STUDY_EXECUTION: 'timeout_s: -1' }, /NX_STUDY_EXECUTION: timeout_s: /],
  [{ NX_STUDY_EXECUTION: '60' }, /must be a map/],
  [{ NX_STUDY_EXECUTION: '{a: [' }, /must be a map/],
  [{ NX_STUDY_EXECUTION: 'gap: {min_s: 10, max_s: 5}' }, /gap/],
  [{ NX_STUDY_EXECUTION: 'monotone: [size]' }, /belongs to the study/],
  [{ NX_STUDY_GAPS: 'none' }, /NX_STUDY_GAPS must be on or off, and is "none"/],
  [{ NX_STUDY_ORDER: 'random' }, /NX_STUDY_ORDER must be one of sequential, .*, and is "random"/],
  [{ NX_STUDY_ONLY: 'batch' }, /NX_STUDY_ONLY must be a map/],
])('%j is refused', (env, message) => {
  expect(() => runChoices(env)).toThrow(message);
});

test('a choice that contradicts what a study says is refused for that study', () => {
  const choices = runChoices({ NX_STUDY_EXECUTION: 'gap: {max_s: 20}' });
  expect(() => executionWith(choices, ofStudy({ gap }))).toThrow(/NX_STUDY_EXECUTION: gap\.max_s/);
});

const tasks = ['a', 'b', 'c'].flatMap((experiment) =>
  [1, 2].map((repetition) => ({ experiment, repetition, seed: repetition, cycle: repetition })),
);
const interleaved = tasks.toSorted((a, b) => a.repetition - b.repetition);
const names = (all: typeof tasks) =>
  all.map(({ experiment, repetition, cycle }) => `${experiment}${repetition}/${cycle}`);

test('measurements in another order, with the cycles of that', async () => {
  const hash = await sha256();
  expect(names(orderedAs(null, interleaved, hash))).toEqual(names(interleaved));
  expect(names(orderedAs('sequential', interleaved, hash))).toEqual(['a1/1', 'a2/1', 'b1/2', 'b2/2', 'c1/3', 'c2/3']);
  expect(names(orderedAs('reverse', interleaved, hash))).toEqual(['a1/1', 'b1/1', 'c1/1', 'c2/2', 'b2/2', 'a2/2']);
  const shuffled = orderedAs('shuffled', interleaved, hash);
  expect(names(shuffled).toSorted()).toEqual(names(interleaved).toSorted());
  expect(names(orderedAs('shuffled', interleaved, hash))).toEqual(names(shuffled));
});

const task = (batch: number, more: object = {}) => ({
  label: `batch-${batch}`,
  worker: 'engine',
  repetition: 1,
  varied: { batch, memory: 'plain' },
  configuration: { batch, load: { users: 4 } },
  ...more,
});

test.each([
  ['batch: 4', [4]],
  ['{batch: [1, 4]}', [1, 4]],
  ['{batch: [1, 4], memory: plain}', [1, 4]],
  ['memory: other', []],
  ['load.users: 4', [1, 2, 4]],
  ['label: batch-2', [2]],
  ['worker: [engine, other]', [1, 2, 4]],
  ['repetition: 2', []],
])('NX_STUDY_ONLY=%s chooses', (only, batches) => {
  const choices = runChoices({ NX_STUDY_ONLY: only });
  const chosen = [1, 2, 4].filter((batch) => leftOut(choices, task(batch)) === null);
  expect(chosen).toEqual(batches);
  expect(() => refuseUnknownSettings(choices, [task(1), task(2)])).not.toThrow();
});

test('a setting that no measurement has is refused, with the nearest one', () => {
  const choices = runChoices({ NX_STUDY_ONLY: 'batches: 4' });
  expect(() => refuseUnknownSettings(choices, [task(1)])).toThrow(/has the setting `batches`. Did you mean `batch`/);
  expect(leftOut(choices, task(1))).toBe('left out of this run by NX_STUDY_ONLY=batches: 4');
});

test('results and previews say what was chosen', () => {
  const choices = runChoices({ NX_STUDY_GAPS: 'off', NX_STUDY_ORDER: 'sequential', NX_STUDY_ONLY: 'batch: 4' });
  expect(findingsOfChoices(choices)).toEqual([
    { code: 'run-choices', message: "measured with other settings of the run than the study's: NX_STUDY_GAPS=off" },
    { code: 'run-order', message: 'measured in an order that was chosen for the run: NX_STUDY_ORDER=sequential' },
  ]);
  expect(choicesLines(choices)).toEqual([
    'this run: NX_STUDY_GAPS=off',
    'this run: NX_STUDY_ORDER=sequential',
    'this run: NX_STUDY_ONLY=batch: 4',
  ]);
});
