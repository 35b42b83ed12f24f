import { expect, test } from 'vitest';
import { planFile } from '../../../plugins/nx-study/src/plan/planfile.ts';
import { planOf, studyText, votes } from '../study/workspace.ts';

const base = { worker: 'sampler', base: { votes }, sweep: { draws: [500, 1000] }, repeat: { times: 2 } };
const fileOf = async (more: object) => planFile(await planOf(studyText({ ...base, ...more })), new Map());
const entriesOf = async (more: object): Promise<Record<string, unknown>> => JSON.parse(await fileOf(more)).measurements;

test('holds what each measurement is and demands, without digests', async () => {
  expect(
    await fileOf({
      description: 'x',
      platform: 'host',
      sweep: { draws: [500] },
      cpus: 2,
      expect: { failed: [{ draws: 500 }] },
    }),
  ).toMatchInlineSnapshot(`
    "{
      "study": "s",
      "measurements": {
        "draws-500-cec714e0": {"worker":"sampler","repetition":1,"seed":2342442419,"cpus":2,"platform":"host","expect":"failed","configuration":{"beta_prior":{"distribution":"normal","mu":0,"sigma":1},"chains":4,"draws":500,"polarity":"none","sample":{"rollcalls":null,"seed":1},"target_accept":0.9,"thin":null,"tune":1000,"votes":"studies/data/votes.csv"}},
        "draws-500-cec714e0-r2": {"worker":"sampler","repetition":2,"seed":4242631515,"cpus":2,"platform":"host","expect":"failed","configuration":{"beta_prior":{"distribution":"normal","mu":0,"sigma":1},"chains":4,"draws":500,"polarity":"none","sample":{"rollcalls":null,"seed":1},"target_accept":0.9,"thin":null,"tune":1000,"votes":"studies/data/votes.csv"}}
      }
    }
    "
  `);
});

test('is the same text for the same plan', async () => {
  const reordered = { repeat: { times: 2 }, sweep: { draws: [500, 1000] }, base: { votes }, worker: 'sampler' };
  expect(planFile(await planOf(studyText(reordered)), new Map())).toBe(await fileOf({}));
});

test('the entry of a measurement stays when others are added, removed or reordered, and when the study is described', async () => {
  const before = await entriesOf({});
  const edits = {
    added: { sweep: { draws: [250, 500, 1000] } },
    reordered: { repeat: { times: 2, order: 'shuffled', seed: 4 } },
    backwards: { sweep: { draws: [1000, 500] } },
    toppedUp: { repeat: { times: 3 } },
    described: { description: 'A new sentence' },
    paced: { execution: { gap: { min_s: 5 }, timeout_s: 9 }, gates: { rhat_max: 1.1 } },
  };
  for (const edit of Object.values(edits)) expect(await entriesOf(edit)).toMatchObject(before);
  const removed = await entriesOf({ sweep: { draws: [1000] } });
  expect(before).toMatchObject(removed);
  expect(Object.keys(removed)).toHaveLength(2);
});

test('the entry changes with configuration, seed and CPU allowance', async () => {
  const before = await entriesOf({});
  for (const edit of [{ seed: 2 }, { cpus: 4 }]) {
    const after = await entriesOf(edit);
    for (const id of Object.keys(before)) expect(after[id]).not.toEqual(before[id]);
  }
});

test('each measurement stands on a line of its own, sorted, in whatever order they run', async () => {
  const text = await fileOf({ repeat: { times: 2, order: 'reverse' } });
  expect(text).toBe(await fileOf({ repeat: { times: 2, order: 'sequential' } }));
  const ids = Object.keys(JSON.parse(text).measurements as object);
  expect(ids).toHaveLength(4);
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids) expect(text.split('\n').filter((line) => line.startsWith(`    "${id}": {`))).toHaveLength(1);
});
