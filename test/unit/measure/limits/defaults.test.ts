import { expect, test } from 'vitest';
import { kindOf } from '../../../../plugins/nx-study/src/kinds/index.ts';
import { timeLimits } from '../../../../plugins/nx-study/src/measure/limits/defaults.ts';
import { plainExecution } from '../../../helpers/execution.ts';
import { aTask } from '../task.ts';

const limitsOf = (kind: string, configuration = {}, history: number[] = [], bytes = 0) =>
  timeLimits(aTask({ configuration }), kindOf(kind), history, bytes);

test("the study's limit goes before all others", () => {
  const task = aTask({ execution: { ...plainExecution, timeout_s: 5 } });
  expect(timeLimits(task, kindOf('posterior'), [100], 0).total).toEqual({ limit_s: 5, source: 'study' });
});

test('ten times the longest so far, and no less than ten minutes', () => {
  expect(limitsOf('values', {}, [100, 200, 50])).toMatchObject({
    total: { limit_s: 2000, source: 'history' },
    usual_s: 300,
  });
  expect(limitsOf('values', {}, [100, 200]).usual_s).toBe(450);
  expect(limitsOf('values', {}, [1, 2])).toMatchObject({ total: { limit_s: 600, source: 'history' }, usual_s: 30 });
});

test('without history it grows with the work, where the kind knows of it', () => {
  expect(limitsOf('values').total).toBeNull();
  const posterior = (draws: number) => limitsOf('posterior', { tune: 1000, draws }).total!.limit_s;
  expect(posterior(4000)).toBe(3600 + 50_000);
  expect(posterior(8000)).toBeGreaterThan(posterior(4000));
  const shape = { model: 'm', batch_size: 1, prompt_tokens: 128, new_tokens: 64 };
  const inference = (change = {}, bytes = 1e8) => limitsOf('llm-inference', { ...shape, ...change }, [], bytes).total!;
  expect(inference().source).toBe('work');
  expect(inference({ new_tokens: 640 }).limit_s).toBeGreaterThan(inference().limit_s);
  expect(inference({}, 140e9).limit_s).toBeGreaterThan(inference().limit_s);
  expect(inference({ measure: { iterations: 100 } }).limit_s).toBeGreaterThan(inference().limit_s);
  const two = { workloads: [{ batch_size: 1 }, { batch_size: 8 }] };
  expect(inference(two).limit_s).toBeGreaterThan(inference().limit_s);
});
