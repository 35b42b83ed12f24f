import { expect, test } from 'vitest';
import { indexPage } from '../../../plugins/nx-study/src/page/index-page.ts';

test('each study leads to its page, with its question and its answer', () => {
  const page = indexPage([
    {
      study: 'first',
      description: 'Is <a> faster?',
      summary: '3 measurements: 3 measured',
      answer: ['Against a, time is higher for b.'],
      latest: '2026-03-01T10:00:00Z',
      page: 'first/report/index.html',
    },
    { study: 'second', description: null, summary: null, answer: [], latest: null, page: 'second/report/index.html' },
  ]);
  expect(page).toContain('<a href="first/report/index.html">first</a>');
  expect(page).toContain('Is &lt;a&gt; faster?');
  expect(page).toContain('Against a, time is higher for b.');
  expect(page).toContain('nothing measured yet');
  expect(page).not.toContain('null');
});
