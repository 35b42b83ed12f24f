import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';
import {
  accessibilityFindings,
  misplacedTexts,
  openBrowser,
  openFile,
  overflowing,
  VIEWS,
} from '../helpers/browser.ts';
import type { View } from '../helpers/browser.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const STUDY = `
description: Which size is the fastest?
worker: sizes
sweep: { size: [1, 2, 4, 8] }
repeat: { times: 3 }
report: { baseline: { size: 1 } }
expect: { failed: [{ size: 8 }] }
`;

/** Its time goes by its size, and scatters by its seed; the largest fails. */
const WORKER = {
  'worker.json': JSON.stringify({
    protocol: 1,
    kind: 'values',
    description: 'Says how long it takes',
    commands: { measure: ['{node}', '{worker}/measure.mjs', '{run}'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['measure.mjs'],
  }),
  'config.schema.json': JSON.stringify({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties: { size: { type: 'integer', default: 1 } },
  }),
  'measure.mjs': `
import { readFileSync, writeFileSync } from 'node:fs';
const [run] = process.argv.slice(2);
const { configuration: { size }, seed } = JSON.parse(readFileSync(run + '/request.json', 'utf8'));
if (size === 8) throw new Error('too large </script><b>for me</b>');
const time_s = size * (1 + (seed % 97) / 1000 + ((seed * size) % 13) / 5000);
const payload = { time_s, rate_per_s: 1 / time_s };
writeFileSync(run + '/result.json', JSON.stringify({ protocol: 1, kind: 'values', payload }));
`,
};

/** Leaves the rest of a test out, visibly, where there is no Chromium. */
async function browserFor({ skip }: TestContext): Promise<Browser> {
  const browser = await openBrowser();
  onTestFinished(() => browser?.close());
  if (!browser) skip('Chromium is not installed, and apt could not install it.');
  return browser!;
}

async function expectReadable(browser: Browser, file: string, view: View): Promise<void> {
  const { page, messages, requests, close } = await openFile(browser, file, view);
  expect(await page.locator('h1').textContent()).toBe('Which size is the fastest?');
  expect(await page.locator('.answer p').first().textContent()).toMatch(/^Against size-1, time is higher for size-4/);
  // Three experiments with three repetitions each, in two metrics; the largest one has none.
  const each = page.locator('figure', { has: page.getByText('Each experiment by itself') });
  expect(await each.locator('.panel svg .raw').count()).toBe(2 * 9);
  for (const check of [overflowing, misplacedTexts, accessibilityFindings]) expect(await check(page)).toEqual([]);
  for (const link of await page.locator('a[href^="#"]').all()) {
    const target = (await link.getAttribute('href'))!;
    expect(await page.locator(`[id="${target.slice(1)}"]`).count()).toBe(1);
  }
  for (const summary of await page.locator('summary').all()) await summary.click();
  expect(await page.getByText('too large </script><b>for me</b>').count()).toBeGreaterThan(0);
  expect(await overflowing(page)).toEqual([]);
  expect(messages).toEqual([]);
  expect(requests).toEqual([]);
  await close();
}

it('answers on the terminal, and on a page that anybody can read', async (context) => {
  const files = Object.fromEntries(Object.entries(WORKER).map(([name, content]) => [`workers/sizes/${name}`, content]));
  const workspace = await createWorkspace({ workers: [], studies: { sizes: STUDY }, files });
  await workspace.measure();
  const { all } = await workspace.nx(['run', 'sizes:report', '--width', '120']);
  expect(all).toMatch(/Against size-1, time is higher for size-4 \(×[34]\.\d+ \[/);
  expect(all).toContain('Report: results/sizes/report/index.html (all studies: results/index.html)');

  const browser = await browserFor(context);
  for (const view of VIEWS)
    await expectReadable(browser, join(workspace.root, 'results/sizes/report/index.html'), view);
  const index = await openFile(browser, join(workspace.root, 'results/index.html'), VIEWS[0]!);
  await index.page.getByRole('link', { name: 'sizes', exact: true }).click();
  expect(await index.page.locator('h1').textContent()).toBe('Which size is the fastest?');
  expect(index.messages).toEqual([]);
});
