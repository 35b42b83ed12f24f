import { expect, test } from 'vitest';
import { requestOf, servedOf, payloadOf } from '../../kinds/llm-inference/payload.ts';
import { measuredStudy, timesOf } from '../../comparisons/study.ts';
import { planOf, workspaceOf } from './workspace.ts';

const VALUES = {
  base: timesOf(1, 1.1, 1.05),
  slow: timesOf(2, 2.22, 2.09),
  noisy: timesOf(0.9, 1.3, 1.02),
  missing: [...timesOf(1, 1), null],
};

/** From the head of the first table to its last remark. */
const firstTable = (text: string): string =>
  text.slice(text.indexOf('\nexperiment') + 1, text.indexOf('\n\nmeasurement'));

test('repetitions with intervals, and the comparison below', async () => {
  const { render } = await measuredStudy(VALUES);
  expect(firstTable(await render(100))).toMatchInlineSnapshot(`
    "experiment         n  time
                          s
    ────────────────────────────────────────────
    base (baseline)    3  1.05 [0.93, 1.18]
    slow               3  2.10 [1.84, 2.39]
                          ×2.003 [1.968, 2.038]*
    noisy              3  1.06 [0.67, 1.69]
                          ×1.01 [0.71, 1.43]
    missing          2/3  1
                          ×0.953
    ± and brackets: 95 % intervals over repetitions, by Student’s t (on logarithms for times, rates and
      sizes)
    Second lines: against the baseline base, paired by repetition. A star: can be told apart from it,
      also among all 2 comparisons (Holm)"
  `);
});

test('a single repetition: the comparison stands in the table of measurements', async () => {
  const { render } = await measuredStudy({ base: timesOf(1), slow: timesOf(2) });
  const text = await render(100);
  expect(text).not.toContain('\nexperiment');
  expect(text).toMatch(/^ +×2$/m);
});

test('Markdown leaves nothing out, and no text of a study begins markup', async () => {
  const { markdown } = await measuredStudy(VALUES, { description: 'Is <b>this</b> *bold*? @someone' });
  const text = await markdown();
  expect(text.split('\n')[0]).toBe(
    String.raw`## senate-beta-prior: Is \<b\>this\</b\> \*bold\*? @${'\u{200B}'}someone`,
  );
  expect(text).toContain('| experiment | n | time (s) |');
  expect(text).toContain(String.raw`| slow | 3 | 2.10 \[1.84, 2.39\] ×2.003 \[1.968, 2.038\]\* |`);
  expect(text).not.toContain('For lack of room');
});

test('chosen columns; a wrong name is refused with the nearest', async () => {
  const { markdown } = await workspaceOf(planOf({ normal: {} }));
  expect(await markdown(['seed'])).toContain('Nothing is measured yet');
  const { write, markdown: measured } = await workspaceOf(planOf({ normal: {} }));
  await write({ id: 'normal-1a2b3c4d' });
  expect(await measured(['seed', 'configuration.draws'])).toContain(
    '| measurement | state | gates | seed | configuration.draws |',
  );
  await expect(measured(['configuration.drows'])).rejects.toThrow(
    '--columns: the results have no column `configuration.drows`. Did you mean `configuration.draws`?',
  );
});

test('percentiles of requests stand beside their median, where there are enough requests', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  const requests = Array.from({ length: 100 }, (_, index) =>
    requestOf({ start_s: 10 + index, chunk_times_s: [0.2 + index / 1000, 0.4, 0.5] }),
  );
  const payload = payloadOf([servedOf(requests, { window: { from_s: 10, to_s: 109.6 } })]);
  await write({ id: 'normal-1a2b3c4d', kind: 'llm-inference', payload });
  const text = await render(160);
  expect(text).toContain('TTFT / p90 / p99');
  expect(text).toContain('0.2495 / 0.289 / 0.298');
});
