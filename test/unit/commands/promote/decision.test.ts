import { expect, test } from 'vitest';
import { decisionRecord } from '../../../../plugins/nx-study/src/commands/promote/decision.ts';
import type { Promotion } from '../../../../plugins/nx-study/src/commands/promote/study-change.ts';
import { measuredStudy, timesOf } from '../../comparisons/study.ts';

const promotion: Promotion = {
  file: 'studies/s/study.yaml',
  before: '',
  after: '',
  changes: [{ path: ['threads'], before: 1, after: 2 }],
  consequences: {
    repeats: ['sweep: threads = 2'],
    changed: ['one: threads: 1 → 2'],
    anew: { count: 1, of: 2 },
    remarks: [],
  },
};

test('a decision record has the question, the change, the evidence, what weakens it, and the way to measure again', async () => {
  const { results, comparisons } = await measuredStudy({ one: timesOf(10, 11, 12), two: timesOf(5, 5.4) });
  const rows = results.rows
    .filter(({ label }) => label === 'two')
    .map((row, index) => (index === 1 ? { ...row, state: 'stale' as const } : row));
  const chosen = { rows, despite: null };
  const text = decisionRecord({
    studyFile: 'studies/senate/study.yaml',
    results,
    comparisons,
    chosen,
    promotion,
    diff: '-a\n+b ``` c',
    date: '2026-03-01',
  });
  expect(text).toMatch(
    /^# two becomes the default in studies\/s\/study\.yaml\n\n- Status: accepted\n- Date: 2026-03-01\n/,
  );
  expect(text.match(/^## .*/gm)).toEqual([
    '## Context',
    '## Decision',
    '## Evidence',
    '## What weakens it',
    '## Consequences',
    '## Provenance',
  ]);
  expect(text).toContain('- threads: 1 → 2');
  expect(text).toContain('````diff\n-a\n+b ``` c\n````');
  expect(text).toMatch(/^\| one \(baseline\) \| 3 \|/m);
  expect(text).toMatch(/^\| two \|.*×0\.\d+/m);
  expect(text).toContain('1 of 2 experiments has fewer than 3 repetitions');
  expect(text).toContain(`two-1a2b3c4d ${rows[0]!.stored!.record.digest}`);
  expect(text).not.toContain(rows[1]!.stored!.record.digest);
  expect(text).toContain('Git commit: c0ffee');
  expect(text).toContain('npx nx run senate-beta-prior:measure');
  expect(text).not.toContain('although gates failed');
});

test('the reason against failed gates stands in the record, and can’t begin markup', async () => {
  const { results, comparisons } = await measuredStudy({ one: timesOf(10), two: timesOf(5) });
  const gate = { name: 'limit', passes: 'below', threshold: 1, value: 5, verdict: 'FAIL' };
  const rows = results.rows.slice(1).map((row) => ({ ...row, gates: [gate as (typeof row.gates)[number]] }));
  const chosen = { rows, despite: '<b>seen</b>' };
  const text = decisionRecord({
    studyFile: 'studies/senate/study.yaml',
    results,
    comparisons,
    chosen,
    promotion,
    diff: '',
    date: '2026-03-01',
  });
  expect(text).toContain(String.raw`**Promoted although gates failed.** The reason given: \<b\>seen\</b\>`);
  expect(text).toContain('limit is 5, must be \\< 1');
});
