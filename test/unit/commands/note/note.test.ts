import { expect, test } from 'vitest';
import { noteText } from '../../../../plugins/nx-study/src/commands/note/note.ts';
import { measuredStudy, timesOf } from '../../comparisons/study.ts';

const studyFile = 'studies/senate-beta-prior/study.yaml';
const files = [{ file: 'results/s/report/index.html', meaning: 'the report as a page' }];

test('a note has the facts, and ends with empty headings', async () => {
  const { results, comparisons } = await measuredStudy({ one: timesOf(10, 11, 12), two: timesOf(5, 5.4, 5.2) });
  const text = noteText({ title: 'A *first* look', date: '2026-03-01', studyFile, results, comparisons, files });
  expect(text).toMatch(/^# A \\\*first\\\* look\n\n- Date: 2026-03-01\n- Study: studies\/senate/);
  expect(text).toContain('- 6 measurements: 6 measured\n');
  expect(text).toContain('bench (Example CPU 3000)');
  expect(text).toContain('## Question\n\nDoes a positive discrimination prior');
  expect(text).toMatch(/## Answer by rules\n\nAgainst one, time.* is lower for two/);
  expect(text).toMatch(/^\| two \| 3 \|/m);
  expect(text).toContain('- [results/s/report/index.html](../../../results/s/report/index.html): the report as a page');
  expect(text.endsWith('## Observations\n\n## Interpretation\n\n## Next\n')).toBe(true);
});

test.each([
  ['studies/s/study.yaml', 'results/s/report/index.html', '../../../results/s/report/index.html'],
  ['packages/lib/studies/s/study.yaml', 'results/s/report/index.html', '../../../../../results/s/report/index.html'],
  ['studies/s/study.yaml', '/data/results/s/report/index.html', '/data/results/s/report/index.html'],
])('notes beside %s link to %s', async (study, file, target) => {
  const { results, comparisons } = await measuredStudy({ one: [null] });
  const report = [{ file, meaning: 'the page' }];
  const text = noteText({ title: 't', date: '2026-03-01', studyFile: study, results, comparisons, files: report });
  expect(text).toContain(`- [${file}](${target}): the page`);
});

test('before anything is measured it says so', async () => {
  const { results, comparisons } = await measuredStudy({ one: [null] });
  const text = noteText({ title: 't', date: '2026-03-01', studyFile, results, comparisons, files: [] });
  expect(text).toContain('- 1 measurement: 1 pending\n- Nothing is measured yet.\n');
  expect(text).toContain('There is no report yet: `npx nx run senate-beta-prior:report` writes it.');
});
