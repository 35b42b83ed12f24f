import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../helpers/browser.ts';
import { expectGoodPage } from '../helpers/pages.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');

let browser: Browser | null;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

// 12 measurements, or 4 samplings, and 8 openings of pages with all checks, beside other tests.
const LONGEST_MS = 1_800_000;

const NO_BROWSER = 'Chromium is not installed, and apt could not install it.';

const llama = {
  description: 'How do batch, prompt and answer change the speed?',
  worker: 'llama-cpp',
  base: {
    model: 'smollm2-135m-instruct-q4_1',
    threads: 1,
    new_tokens: 4,
    warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
    measure: { iterations: 2, min_s: 0, memory_iterations: 1 },
    energy: null,
  },
  sweep: { batch_size: [1, 2], prompt_tokens: [8, 32] },
  repeat: { times: 3 },
  report: { baseline: { batch_size: 1, prompt_tokens: 8 } },
};

test(
  'the page of a real study of a language model: 4 experiments, 3 repetitions',
  async ({ skip }) => {
    if (!browser) return skip(NO_BROWSER);
    const workspace = await createWorkspace({
      workers: ['llama-cpp', 'kits'],
      studies: { llama: JSON.stringify(llama) },
      files: { 'studies/assets.yaml': await readFile(join(repository, 'studies/assets.yaml'), 'utf8') },
    });
    expect(await workspace.nx(['run-many', '-t', 'measure'])).toMatchObject({ exitCode: 0 });
    expect(workspace.finished('llama')).toHaveLength(12);
    expect(await workspace.command(['llama:report'])).toMatchObject({ exitCode: 0 });
    await expectGoodPage(browser, workspace, 'llama', {
      sections: [
        'Differences to the baseline',
        'Throughput against latency',
        'Latencies of single calls and requests',
        'Memory and energy',
        'What the axes do',
        'Can the numbers be trusted?',
        'All measurements',
        'Each measurement in detail',
        'Measure it again',
        'What the numbers mean',
      ],
      // By 7 metrics; 4 experiments, one of them the baseline; 3 metrics over 12 runs.
      marks: {
        'How much each experiment differs from its baseline': 7 * 3,
        'Each experiment by itself': 7 * 4,
        'What throughput costs in latency': 4,
        'Whether the machine changed while the study ran': 3 * 12,
      },
    });
  },
  LONGEST_MS,
);

const sampled = { worker: 'ideal-point', seed: 1 };
const few = { polarity: 'party', chains: 2, tune: 300, draws: 300 };
const senate = (congress: number) => ({
  votes: `../data/us-senate/senate-${congress}.votes.csv`,
  legislators: `../data/us-senate/senate-${congress}.legislators.csv`,
});
/**
 * As `senate-beta-prior`, two chambers, and both structures of the model, each with few draws. The first experiment of one
 * study is one of the others, too: it is measured once.
 */
const posteriors = {
  priors: {
    ...sampled,
    description: "Does a positive prior on discrimination change senators' ideal points?",
    base: { ...few, ...senate(109), sample: { rollcalls: 30, seed: 7 } },
    variants: {
      'beta-prior': {
        normal: { beta_prior: { distribution: 'normal', mu: 0, sigma: 1 } },
        lognormal: { beta_prior: { distribution: 'lognormal', mu: 0, sigma: 0.5 } },
      },
    },
    report: { baseline: { variants: { 'beta-prior': 'normal' } } },
  },
  chambers: {
    ...sampled,
    description: 'How far apart were the parties in two Senates?',
    base: { ...few, sample: { rollcalls: 30, seed: 7 } },
    variants: { chamber: { earlier: senate(106), later: senate(109) } },
    report: { baseline: { variants: { chamber: 'earlier' } } },
  },
  structures: {
    ...sampled,
    description: 'Does a hierarchical prior pull members to their party?',
    base: { ...few, ...senate(109), sample: { rollcalls: 30, seed: 7 } },
    sweep: { model: ['flat', 'hierarchical'] },
    report: { baseline: { model: 'flat' } },
  },
};

test(
  'pages of real posteriors: priors, two chambers, flat against hierarchical',
  async ({ skip }) => {
    if (!browser) return skip(NO_BROWSER);
    const studies = Object.entries(posteriors).map(([name, study]) => [name, JSON.stringify(study)]);
    const workspace = await createWorkspace({
      workers: ['ideal-point', 'kits'],
      studies: Object.fromEntries(studies) as Record<string, string>,
    });
    await cp(join(repository, 'studies/data'), join(workspace.root, 'studies/data'), { recursive: true });
    const measured = await workspace.nx(['run-many', '-t', 'measure']);
    expect(measured).toMatchObject({ exitCode: 0 });
    expect(measured.all.match(/: measured in /g)).toHaveLength(4);
    expect(await workspace.nx(['run-many', '-t', 'report'])).toMatchObject({ exitCode: 0 });
    const answerOf = async (study: string) =>
      (JSON.parse(await workspace.read(`results/${study}/report/report.json`)) as { answer: string[] }).answer.join(
        '\n',
      );

    expect(await answerOf('priors')).toMatch(/Against `normal`, `lognormal` moves the party gap from 1\.\d+ to 1\.\d+/);
    await expectGoodPage(browser, workspace, 'priors', {
      sections: [
        'Key findings',
        'Positions across experiments',
        'Every position with its uncertainty',
        'Prediction: leave-one-out cross-validation',
        'Differences to the baseline',
        'Can the numbers be trusted?',
      ],
      // 102 members, 30 roll calls, 2 experiments, one of them the baseline.
      marks: {
        'Whether the experiments place people alike': 102,
        'Positions under normal': 102,
        'Which roll calls divide': 2 * 30,
        'The gap between the parties, by experiment': 2,
      },
    });

    expect(await answerOf('chambers')).toMatch(
      /`later` can't be compared with `earlier`: they differ in votes, coding, parties\.\nBeside each other, without a difference: the party gap is 1\.\d+ \[.*\] under `earlier`, 1\.\d+ \[.*\] under `later`/,
    );
    expect(await answerOf('chambers')).not.toMatch(/Against earlier, party gap/);
    await expectGoodPage(browser, workspace, 'chambers', {
      sections: ['Key findings', 'Positions across experiments', 'Parties and other quantities'],
      marks: {
        'Positions under earlier': 102,
        'The gap between the parties, by experiment': 2,
        'How far the members of a party lie apart': 2 * 2,
        'How much of the variance lies between the parties': 2,
      },
    });

    await expectGoodPage(browser, workspace, 'structures', {
      sections: ['Key findings', 'Shrinkage: hierarchical against flat', 'Differences to the baseline'],
      marks: {
        'How far the hierarchical model draws people to their party': 102,
        'Whether the experiments place people alike': 102,
      },
    });
  },
  LONGEST_MS,
);
