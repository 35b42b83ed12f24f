import { expect, test } from 'vitest';
import type { Status } from '../../../../plugins/nx-study/src/commands/status/schema.ts';
import { jsonOutput, lineOutput, watchStatus } from '../../../../plugins/nx-study/src/commands/status/watch.ts';
import { living, NOW, sampling, studyOf } from './study.ts';

/** Looks at a study each second of a clock of its own; before each look something may happen. */
async function watched(happenings: Record<number, () => Promise<unknown>>, study: Awaited<ReturnType<typeof studyOf>>) {
  const source = study.open();
  const shown: Status[] = [];
  let second = 0;
  let closed = 0;
  const look = async () => {
    await happenings[second]?.();
    return source.look(NOW + second * 1000);
  };
  await watchStatus(
    { look },
    { show: (status) => void shown.push(status), close: () => void (closed += 1) },
    async () => void (second += 1),
  );
  expect(closed).toBe(1);
  return shown;
}

test('it ends some seconds after the last executor did, not in the pause between two', async () => {
  const study = await studyOf(['a', 'b']);
  const supervisor = await living();
  const end = (left: number) => study.note(supervisor.pid, 0, { event: 'batch-ended', left, cause: null });
  const shown = await watched(
    {
      0: () => study.wave(supervisor, 2),
      2: () => end(0),
      4: () => study.wave(supervisor, 1),
      6: () => study.measured('a', { pid: supervisor.pid }),
      7: () => end(0),
    },
    study,
  );
  expect(shown.map(({ activity }) => activity)).toEqual(
    'preparing preparing idle idle preparing preparing preparing idle idle idle idle'.split(' '),
  );
  expect(shown.at(-1)!.counts).toMatchObject({ measured: 1, pending: 1 });
});

test('without a terminal it prints a line at each change, and the whole at the end', async () => {
  const study = await studyOf(['a']);
  const supervisor = await living();
  await study.wave(supervisor, 1);
  await study.running('a', supervisor, sampling);
  const printed: string[] = [];
  const objects: string[] = [];
  const lines = lineOutput((line) => printed.push(line));
  const json = jsonOutput((line) => objects.push(line));
  const source = study.open();
  for (let second = 0; second < 20; second += 1) {
    const status = await source.look(NOW + second * 1000);
    lines.show(status);
    json.show(status);
  }
  expect(printed).toHaveLength(2);
  expect(printed[0]).toContain('0 of 1 measured, 1 running; a sampling 3,000/6,000 draws (50 %)');
  lines.close();
  expect(printed.at(-1)!.split('\n').length).toBeGreaterThan(3);
  expect(objects.map((line) => (JSON.parse(line) as Status).running!.label)).toEqual(
    Array.from({ length: 20 }, () => 'a'),
  );
});
