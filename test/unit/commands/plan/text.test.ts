import { expect, it } from 'vitest';
import type { Preview, PreviewRow } from '../../../../plugins/nx-study/src/commands/plan/preview.ts';
import { previewText } from '../../../../plugins/nx-study/src/commands/plan/text.ts';

const row = (label: string, change: Partial<PreviewRow> = {}): PreviewRow => ({
  id: `${label}-00000000`,
  label,
  worker: 'w',
  repetition: 1,
  lane: 1,
  varied: {},
  digest: '0'.repeat(64),
  state: 'pending',
  reason: null,
  next: 'measure',
  why: 'first time',
  disk_bytes: null,
  estimate: null,
  memory: null,
  memory_unchecked: null,
  ...change,
});

const preview = (rows: PreviewRow[], counts: Partial<Preview['counts']>): Preview => ({
  study: 's',
  rows,
  counts: { nothing: 0, reuse: 0, derive: 0, measure: 0, final: 0, 'too-large': 0, refuse: 0, fail: 0, ...counts },
  disk_bytes: null,
  measuring_s: null,
  longest_lane_s: null,
  without_estimate: 0,
  gaps_s: 0,
  gaps_most_s: null,
  runner: { runner: 'local', from: null, jobs: [] },
  run_choices: {},
  left_out: 0,
  platform_notes: [],
  input_notes: [],
  unjudged: 0,
  pending_assets: [],
  programs: [],
  unknown_takes: [],
  acceptable: 0,
  plan: { description: null, axes: [], invalid: [], merged: [], balance: null, lane_balance: null, platform: 'any' },
});

it('shows what cannot fit, with need and have', () => {
  const why = 'needs 12.3 GiB of memory (weights 8.1), and 7.9 GiB are available (control group limit)';
  const text = previewText(
    preview([row('small'), row('large', { next: 'too-large', why })], { measure: 1, 'too-large': 1 }),
    200,
  );
  expect(text).toMatch(/large .* is too large .* needs 12\.3 GiB of memory/);
  expect(text).toContain("1 to measure, 1 that can't fit into memory, 0 of 2 done");
});

it('says what the draws of posteriors take, and from what a time is estimated', () => {
  const need = {
    estimate_bytes: 480e6,
    gpus: 0,
    terms: [],
    omitted: [],
    available_bytes: 8e9,
    bound: 'available memory',
  };
  const rule = { median_s: 60, low_s: 20, high_s: 300, from: 0, basis: 'rule' } as const;
  const sized = { disk_bytes: 7e6, memory: need, estimate: rule };
  const rows = [row('a', sized), row('b', { ...sized, memory: { ...need, estimate_bytes: 620e6 } })];
  const totals = { disk_bytes: 14e6, measuring_s: { expected: 120, low: 40, high: 600 } };
  const text = previewText({ ...preview(rows, { measure: 2 }), ...totals }, 120);
  expect(text).toContain('draws on disk: about 14.0 MB; memory: 620 MB for the largest measurement, or more\n');
  expect(text).toMatch(/^time: about 2 min .*; rough, by a rule for models of this size$/m);
  const measured = { ...rule, from: 1, basis: 'same worker, by size' } as const;
  const mixed = { ...preview([rows[0]!, row('b', { ...sized, estimate: measured })], { measure: 2 }), ...totals };
  expect(previewText(mixed, 120)).toContain(
    '; from earlier measurements of the same worker, by size; rough, by a rule for models of this size',
  );
});

it('says once for how many measurements memory was not checked, and why', () => {
  const unknown = { memory_unchecked: 'smollm2 is not fetched yet' };
  const text = previewText(preview([row('a', unknown), row('b', unknown), row('c')], { measure: 3 }), 120);
  expect(text).toContain('memory: not checked for 2 measurements: smollm2 is not fetched yet');
});

it('shows what would fail for its input, and what nobody could check', () => {
  const message = 'studies/votes.csv, line 3, column a: "2" is not 1, 0 or empty';
  const note = { measurements: 2, expected: 0, ids: [], problems: [] };
  const text = previewText(
    {
      ...preview([row('a', { next: 'fail', why: message }), row('b')], { fail: 1, measure: 1 }),
      input_notes: [
        { ...note, effect: 'fails', message },
        { ...note, effect: 'unchecked', message: 'the input of w was not checked: why', measurements: 1 },
      ],
    },
    200,
  );
  expect(text).toMatch(/a .* fails .* studies\/votes\.csv, line 3/);
  expect(text).toContain("1 to measure, 1 whose input or settings can't be used, 0 of 2 done");
  expect(text).toContain(`fails (2 measurements): ${message}`);
  expect(text).toContain('not checked (1 measurement): the input of w was not checked: why');
});

it('breaks long labels at their hyphens, and cuts none', () => {
  const label = 'transformers-batch-size-4-bfloat16-torchao-int8-weight-only';
  const text = previewText(preview([row(label, { repetition: 2 })], { measure: 1 }), 100);
  const cells = text.split('\n').map((line) => line.slice(1).trimStart().split(/ {2}/)[0]!);
  expect(cells.join('').replace(', repetition', ',repetition')).toContain(`${label},repetition 2`);
});

it('says how a study is divided among machines, and how long it takes with one for each lane', () => {
  const balance = {
    lanes: 3,
    measurements: { least: 2, most: 3 },
    times: { least: 1, most: 1 },
    common: { least: 2, most: 2 },
  };
  const rows = preview([row('a')], { measure: 1 });
  const divided = { ...rows, longest_lane_s: { expected: 120, low: 60, high: 180 } };
  const text = previewText({ ...divided, plan: { ...rows.plan, lane_balance: balance } }, 120);
  expect(text).toContain(
    'lanes: 3, with 2 to 3 measurements each; each experiment once on each; each two experiments together on 2 of them',
  );
  expect(text).toMatch(/^time with a machine for each lane: about 2 min 00 s \(1 min 00 s to 3 min 00 s\)$/m);
  expect(text).toContain('one lane alone: npx nx run-many -t measure -p tag:s:lane-1');
  expect(text).not.toContain('uneven');
  const uneven = { ...balance, times: { least: 0, most: 1 } };
  expect(previewText({ ...divided, plan: { ...rows.plan, lane_balance: uneven } }, 120)).toContain(
    'uneven: `repeat.times` is no multiple of 3; what is measured on different lanes is not compared',
  );
  expect(previewText(rows, 120)).not.toContain('lane');
});
