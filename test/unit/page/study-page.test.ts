import { expect, test } from 'vitest';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { studyPage } from '../../../plugins/nx-study/src/page/study-page.ts';
import type { Results, Row } from '../../../plugins/nx-study/src/state/rows.ts';
import { measuredStudy, timesOf } from '../comparisons/study.ts';
import type { Values } from '../comparisons/study.ts';
import { planOf, withRhat, workspaceOf } from '../commands/report/workspace.ts';

const SOURCE = {
  study: 'worker: ideal-point # <b>\n',
  studyFile: 'studies/mine/study.yaml',
  version: '1.2.3',
  files: [['measurements.csv', 'all']] as const,
};

const pageOf = (results: Results): string =>
  studyPage({ results, comparisons: comparisonsOf(results), source: SOURCE });

const measuredPage = async (...study: Parameters<typeof measuredStudy>): Promise<string> =>
  pageOf((await measuredStudy(...study)).results);

/** Words that no reader should see, and figures that have nothing in them. */
function expectSound(page: string): void {
  const text = page.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replaceAll(/<[^>]*>/g, ' ');
  expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object/);
  expect(page).not.toMatch(/="[^"]*\b(NaN|Infinity|undefined)\b/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
}

const count = (page: string, pattern: RegExp): number => [...page.matchAll(pattern)].length;

const VALUES: Values = {
  base: timesOf(1, 1.1, 1.05),
  slow: timesOf(2, 2.22, 2.09),
  fast: timesOf(0.5, 0.551, 0.526),
  noisy: timesOf(0.9, 1.3, 1.02),
};

test('different builds of an image are a weakness; the same one, or files of Apptainer, are none', async () => {
  const { results } = await measuredStudy(VALUES);
  const pageWith = (versions: (index: number) => Record<string, string>) => {
    const rows = results.rows.map((row, index) => {
      const record = { ...row.stored!.record, environment_versions: versions(index) };
      return { ...row, stored: { ...row.stored!, record } };
    });
    return pageOf({ ...results, rows });
  };
  const [one, other] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`);
  const warning = /Measured in different builds of the same image/;
  const page = pageWith((index) => ({ image: index === 0 ? one! : other!, podman: '4.3.1' }));
  expect(page).toMatch(warning);
  expect(page).toMatch(/ideal-point in sha256:a{12} of podman \(/);
  expect(pageWith(() => ({ image: one!, podman: '4.3.1' }))).not.toMatch(warning);
  expect(pageWith((index) => ({ image: index === 0 ? one! : other!, apptainer: '1.4' }))).not.toMatch(warning);

  // Of one image that is named by its digest each engine has an id of its own.
  const engine = (index: number) =>
    index === 0 ? { image: one!, podman: '4.3.1' } : { image: other!, docker: '28.5' };
  const unknown = pageWith(engine);
  expect(unknown).not.toMatch(warning);
  expect(unknown).toMatch(/Measured by different engines, whose ids of an image are not comparable/);
  expect(unknown).toMatch(/ideal-point in sha256:b{12} of docker \(/);
  const pinned = pageWith((index) => ({ ...engine(index), ...(index > 0 && { image_digest: one! }) }));
  expect(pinned).not.toMatch(/of podman \(|of docker \(/);
});

test('bytes stand in the unit that is shortest, in tables, among the numbers and in what sensors gave', async () => {
  const quantities = {
    worker_memory_bytes: { n: 3, min: 4.4e10, mean: 4.5e10, max: 4.6e10 },
    cpu_power_w: { n: 3, min: 40, mean: 45.5, max: 60 },
  };
  const page = await measuredPage({ base: [{ memory_bytes: 45_012_345_678 }] }, {}, () => ({
    record: { telemetry: { file: null, samples: 3, period_s: 1, quantities, missing: {} } },
  }));
  const text = page
    .slice(page.indexOf('<main>'))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
  expect(text).toContain('worker_memory_bytes : 44 GB to 46 GB, mean 45 GB');
  expect(text).toContain('cpu_power_w : 40 to 60, mean 45.5');
  expect(text).toContain('memory_bytes 45.012345678 GB');
  expect(text).toContain('measured 45.01 GB');
  expect(text).not.toMatch(/45012345678|4\.[456]00e/);
});

test('the answer comes first, then the evidence, one section for each question', async () => {
  const page = await measuredPage(VALUES);
  expectSound(page);
  const answer = page.indexOf('Against base, time is higher for slow');
  expect(answer).toBeGreaterThan(0);
  expect(answer).toBeLessThan(page.indexOf('<main>'));
  const sections = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
  expect(sections).toEqual(['differences', 'axes', 'trust', 'measurements', 'details', 'reproduce', 'definitions']);
  expect(page).toContain('×2.003 [1.968, 2.038]');
});

test('figures have a mark for each number', async () => {
  const page = await measuredPage(VALUES);
  const ofFigure = (title: string) => {
    const from = page.indexOf(`<h3>${title}`);
    return page.slice(from, page.indexOf('<details', from));
  };
  // Three experiments against the baseline, each with three pairs.
  expect(count(ofFigure('How much each experiment differs'), /class="raw"/g)).toBe(9 + 1);
  expect(count(ofFigure('Each experiment by itself'), /class="raw"/g)).toBe(12 + 1);
});

test('of a very large study the page has as much as can be sent, and says what it leaves out and which file has it', async () => {
  const { results } = await measuredStudy(VALUES);
  const [first] = results.rows;
  const copies = Array.from({ length: 3000 }, (_, index) => {
    const row = results.rows[index % results.rows.length]!;
    return { ...row, id: `${row.id}-${index}`, experiment: `e${index % 300}`, label: `e${index % 300}` };
  });
  const failed = {
    ...first!,
    id: 'the-failed-one',
    failure: { type: 'crash', phase: null, message: 'x', log_tail: '' },
  } as Row;
  const page = pageOf({ ...results, rows: [...copies, failed] });
  expectSound(page);
  expect(page.length).toBeLessThan(2_000_000);
  expect(page).toContain(
    'Only 500 of 3,001 are shown here, those without a result or with failed gates first; measurements.csv beside this page has all.',
  );
  expect(page).toContain('id="measurement-the-failed-one-');
  expect(page).toContain('Only the first 200 of 301 are shown here; comparisons.csv beside this page has all.');
  expect(page).toContain('Drawn are 1,000 of 3,001 runs, evenly over their order; measurements.csv beside');
  expect(page).toContain('Only the first 500 of 3,001 rows are shown; measurements.csv beside this page has all.');
});

test('the same results give the same page', async () => {
  const { results } = await measuredStudy(VALUES);
  expect(pageOf(results)).toBe(pageOf(results));
});

const EVIL = `<script>alert(1)</script>"'\u{1B}[31m`;

test('no text of a study or a worker can begin markup', async () => {
  const plan = planOf({ [EVIL]: {}, other: {} }, 1, { description: EVIL, baseline: [`${EVIL}-1a2b3c4d`] });
  plan.experiments[0]!.id = 'evil-1a2b3c4d';
  plan.measurements[0]!.id = 'evil-1a2b3c4d';
  plan.measurements[0]!.experiment = 'evil-1a2b3c4d';
  plan.baseline = ['evil-1a2b3c4d'];
  plan.experiments[0]!.varied = { [EVIL]: EVIL };
  const { write, results } = await workspaceOf(plan);
  const findings = [{ code: 'a', message: EVIL }];
  await write({
    id: 'evil-1a2b3c4d',
    kind: 'values',
    payload: { [`${EVIL}_s`]: 1 },
    derived: null,
    record: { findings },
  });
  await write({ id: 'other-1a2b3c4d', failure: { type: 'crash', message: EVIL, log_tail: `${EVIL}\n${EVIL}` } });
  const page = pageOf(await results());
  expectSound(page);
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('\u{1B}');
  expect(count(page, /<script>/g)).toBe(1);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain('worker: ideal-point # &lt;b&gt;');
});

test('nothing measured, one experiment, one repetition, every second one failed: readable, without an empty axis', async () => {
  const nothing = await measuredPage({ base: [null], other: [null] });
  expectSound(nothing);
  expect(nothing).toContain('Nothing is measured yet.');
  expect(count(nothing, /<figure/g)).toBe(0);

  const single = await measuredPage({ base: timesOf(1, 1.1, 1.2) });
  expectSound(single);
  expect(single).toContain('There is only one experiment, so there is nothing to compare.');

  const once = await measuredPage({ base: timesOf(1), other: timesOf(2) });
  expectSound(once);
  expect(once).toContain('2 of 2 experiments have fewer than 3 repetitions');

  const half = await measuredPage(VALUES, {}, (_label, repetition) =>
    repetition % 2 === 1 ? { failure: { type: 'oom', message: 'no memory' } } : {},
  );
  expectSound(half);
  expect(half).toContain('8 measurements without a result');
  // One point of the banner for one cause.
  expect(count(half, /<li>oom: no memory \(/g)).toBe(1);
});

test('what weakens the numbers stands above the evidence', async () => {
  const plan = planOf({ normal: {}, lognormal: {} }, 1, { gates: { rhat_max: 1.05 } });
  const { write, results } = await workspaceOf(plan);
  const findings = [{ code: 'neighbour', message: 'others used 2 cores' }];
  await write({ id: 'normal-1a2b3c4d', derived: withRhat(1.2), record: { findings } });
  await write({ id: 'lognormal-1a2b3c4d', code: 'older' });
  const page = pageOf(await results());
  expectSound(page);
  const lead = page.slice(0, page.indexOf('<main>'));
  for (const part of [
    'Gates failed in 1 measurement',
    'rhat_max is 1.200, must be &lt; 1.05',
    'This study relaxed gates',
    '1 measurement stale',
    'neighbour: others used 2 cores (normal r1)',
  ])
    expect(lead).toContain(part);
});
