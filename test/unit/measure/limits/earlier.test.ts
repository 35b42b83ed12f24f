import { expect, test } from 'vitest';
import { earlierTimes, earlierTimesOfInput } from '../../../../plugins/nx-study/src/measure/limits/defaults.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';

const ID = 'flat-1a2b3c4d';

test('a limit is by runs that read the same files, with any code: a file that has grown takes another time', async () => {
  const { workspaceRoot, write } = await workspaceOf(planOf({ flat: {} }));
  const small = { votes: { sha256: 'a' } };
  await write({ id: ID, input: small, record: { elapsed_s: 4 } });
  await write({ id: ID, input: small, code: 'earlier', record: { elapsed_s: 6 } });
  await write({ id: ID, input: { votes: { sha256: 'b' } }, record: { elapsed_s: 900 } });
  await write({ id: ID, input: small, take: 2, failure: { type: 'crash' } });
  const place = { study: STUDY, experiment: ID, repetition: 1 };
  const of = async (configuration: object) =>
    (await earlierTimesOfInput(workspaceRoot, place, { configuration: configuration as never })).toSorted(
      (a, b) => a - b,
    );
  expect(await of(small)).toEqual([4, 6]);
  expect(await of({ votes: { sha256: 'b' } })).toEqual([900]);
  expect(await of({ votes: { sha256: 'c' } })).toEqual([]);
  expect(await earlierTimes(workspaceRoot, place)).toHaveLength(3);
});
