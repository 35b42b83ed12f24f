import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { accessibilityFindings, misplacedTexts, openFile, overflowing, VIEWS } from './browser.ts';
import type { Workspace } from './workspace.ts';

/** What a study's page must have. */
export interface Expected {
  /** Titles of some sections, in their order. */
  sections: string[];
  /** Title of a figure → marks in all its panels. */
  marks: Record<string, number>;
}

// Each width and each scheme once: the page of all figures is opened in all pairs of them.
const ONCE = [VIEWS[0]!, VIEWS.at(-1)!];

/** Opens a study's page on a narrow screen in light, and on a wide one in dark, and looks for all that a reader would trip over. */
export async function expectGoodPage(browser: Browser, { root }: Workspace, study: string, expected: Expected) {
  const file = join(root, 'results', study, 'report/index.html');
  for (const view of ONCE) {
    const { page, messages, requests, close } = await openFile(browser, file, view);
    const titles = await page.locator('main h2').allTextContents();
    expect(titles).toEqual(expect.arrayContaining(expected.sections));
    expect(titles.filter((title) => expected.sections.includes(title))).toEqual(expected.sections);
    for (const [title, marks] of Object.entries(expected.marks)) {
      const figure = page.locator('figure', { has: page.getByRole('heading', { name: title, exact: true }) });
      expect([title, await figure.locator('.panel svg').locator('.mark, .est').count()]).toEqual([title, marks]);
    }
    expect(await overflowing(page)).toEqual([]);
    expect(await misplacedTexts(page)).toEqual([]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    expect(await overflowing(page)).toEqual([]);
    const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
    expect(links.length).toBeGreaterThan(expected.sections.length);
    for (const link of new Set(links.filter((one) => one.startsWith('#'))))
      expect([link, await page.locator(link).count()]).toEqual([link, 1]);
    expect(await page.locator('body').innerText()).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b/);
    expect(messages).toEqual([]);
    expect(requests).toEqual([]);
    await close();
  }
}
