import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import {
  accessibilityFindings,
  misplacedTexts,
  openBrowser,
  openFile,
  overflowing,
  VIEWS,
  type Opened,
  type View,
} from '../helpers/browser.ts';
import { gallery } from '../helpers/gallery.ts';

let browser: Browser | null;
const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
const file = join(folder, 'gallery.html');

beforeAll(async () => {
  writeFileSync(file, gallery());
  browser = await openBrowser();
});
afterAll(() => browser?.close());

/** Leaves a test out, visibly, where there is no Chromium. */
function browserOf({ skip }: TestContext): Browser {
  if (!browser) skip('Chromium is not installed, and apt could not install it.');
  return browser!;
}

async function withPage(browser: Browser, view: View, use: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await openFile(browser, file, view);
  try {
    await use(opened);
  } finally {
    await opened.close();
  }
}

const WIDE: View = { width: 1280, scheme: 'light' };

describe.each(VIEWS)('a page at $width px, $scheme', (view) => {
  it('has no message, no request, nothing that overflows or covers a text, and can be read by all', async (context) => {
    await withPage(browserOf(context), view, async ({ page, messages, requests }) => {
      expect(await page.locator('figure').count()).toBeGreaterThan(10);
      expect(await page.locator('.panel svg .mark').count()).toBeGreaterThan(500);
      expect(await overflowing(page)).toEqual([]);
      expect(await misplacedTexts(page)).toEqual([]);
      expect(await accessibilityFindings(page)).toEqual([]);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await overflowing(page)).toEqual([]);
      expect(messages).toEqual([]);
      expect(requests).toEqual([]);
    });
  });
});

describe('a page', () => {
  it('has as many panels in a row as there is room for', async (context) => {
    for (const [view, columns] of [
      [WIDE, 3],
      [{ width: 390, scheme: 'light' }, 1],
    ] as const) {
      await withPage(browserOf(context), view, async ({ page }) => {
        const lefts = await page
          .locator('.panels')
          .evaluateAll((all) =>
            all.map((one) => new Set([...one.children].map((panel) => panel.getBoundingClientRect().left)).size),
          );
        expect(Math.max(...lefts)).toBe(columns);
      });
    }
  });

  it('sorts by numbers, with signs and thousands, and leaves what has no value at the end', async (context) => {
    await withPage(browserOf(context), WIDE, async ({ page, messages }) => {
      const table = page.locator('table').first();
      const column = (index: number) =>
        table
          .locator('tbody tr')
          .evaluateAll((rows, at) => rows.map((row) => row.children[at]!.textContent!.trim()), index);
      const press = (name: string) => table.getByRole('button', { name }).click();
      await press('change');
      expect(await column(2)).toEqual(['−0.739', '−0.00800', '0', '4.39', 'no value']);
      await press('RSS peak');
      expect(await column(4)).toEqual(['332', '351', '1,327', '12,336', 'no value']);
      await press('RSS peak');
      expect(await column(4)).toEqual(['12,336', '1,327', '351', '332', 'no value']);
      expect(await table.locator('th[aria-sort]').evaluateAll((all) => all.map((one) => one.ariaSort))).toEqual([
        'descending',
      ]);
      await press('experiment');
      expect((await column(0))[1]).toBe('batch 1 prompt 32');
      expect(messages).toEqual([]);
    });
  });

  it('can be sorted by the keyboard', async (context) => {
    await withPage(browserOf(context), WIDE, async ({ page }) => {
      const head = page.locator('table').first().locator('th').nth(3);
      await head.getByRole('button').focus();
      await page.keyboard.press('Enter');
      expect(await head.getAttribute('aria-sort')).toBe('ascending');
    });
  });

  it('can be read by all with its tables open', async (context) => {
    await withPage(browserOf(context), WIDE, async ({ page }) => {
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await accessibilityFindings(page)).toEqual([]);
    });
  });

  it('has links that lead to its sections', async (context) => {
    await withPage(browserOf(context), WIDE, async ({ page }) => {
      const targets = await page.locator('nav a').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
      expect(targets.length).toBeGreaterThan(4);
      for (const target of targets) expect(await page.locator(target).count()).toBe(1);
    });
  });

  it('refuses scripts that are put into it', async (context) => {
    await withPage(browserOf(context), WIDE, async ({ page, messages }) => {
      await page.evaluate(
        `document.body.append(Object.assign(document.createElement('script'), { text: 'globalThis.broken = true' }))`,
      );
      expect(await page.evaluate('globalThis.broken')).toBeUndefined();
      expect(messages.join('\n')).toContain('Content Security Policy');
    });
  });

  it('prints, from a dark screen, on white with everything open', async (context) => {
    await withPage(browserOf(context), { width: 1280, scheme: 'dark' }, async ({ page }) => {
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      const hidden = await page
        .locator('details > :not(summary)')
        .evaluateAll((all) => all.filter((one) => !one.checkVisibility({ contentVisibilityAuto: true })).length);
      expect(hidden).toBe(0);
    });
  });
});

describe('the checks of a page', () => {
  it('find what is wrong', async (context) => {
    const bad = join(folder, 'bad.html');
    writeFileSync(
      bad,
      `<html><body><img src="http://127.0.0.1:9/a.png"><div style="width:2000px">wide</div><p style="color:#eee;background:#fff">pale</p>
<div class="panel"><svg viewBox="0 0 100 50" width="100"><title>t</title><text x="90" y="20">leaves</text><text x="88" y="20">covers</text></svg></div></body></html>`,
    );
    const { page, messages, requests, close } = await openFile(browserOf(context), bad, WIDE);
    expect((await overflowing(page)).length).toBeGreaterThan(0);
    expect((await misplacedTexts(page)).join('\n')).toMatch(/leaves the drawing[^]*covers another text/);
    expect((await accessibilityFindings(page)).join('\n')).toContain('color-contrast');
    expect(requests).toEqual(['http://127.0.0.1:9/a.png']);
    expect(messages.length).toBeGreaterThan(0);
    await close();
  });
});
