import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { installPackage } from './apt.ts';

const EXECUTABLE = '/usr/bin/chromium';

/** Debian's Chromium, installed by apt where that may be; null without it. */
export async function openBrowser(): Promise<Browser | null> {
  if (!existsSync(EXECUTABLE)) installPackage('chromium');
  if (!existsSync(EXECUTABLE)) return null;
  // Root may not use the sandbox; containers often have a small /dev/shm.
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}

export interface View {
  width: 390 | 1280;
  scheme: 'light' | 'dark';
}

/** Both widths in both schemes. */
export const VIEWS: View[] = ([390, 1280] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);

/** A page from a file, and all that it said or asked for. */
export interface Opened {
  page: Page;
  /** Messages of the console, errors of scripts included. */
  messages: string[];
  /** Addresses that it asked for, but its own file. */
  requests: string[];
  close: () => Promise<void>;
}

/** Opens a file as a reader does, without any network. */
export async function openFile(browser: Browser, file: string, { width, scheme }: View): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, offline: true });
  const page = await context.newPage();
  const [messages, requests]: [string[], string[]] = [[], []];
  const own = pathToFileURL(file).href;
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('request', (request) => {
    const [address] = request.url().split('#');
    if (address !== own && !address!.startsWith('data:')) requests.push(address!);
  });
  await page.goto(own, { waitUntil: 'load' });
  return { page, messages, requests, close: () => context.close() };
}

/** Elements that make the page scroll sideways: none of a good page. */
export const overflowing = (page: Page): Promise<string[]> => check(page, 'overflowing');

/** Texts of drawings that leave their drawing or cover another text: none of a good page. */
export const misplacedTexts = (page: Page): Promise<string[]> => check(page, 'misplacedTexts');

/** Serious and critical findings of axe-core. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return check(page, 'seriousFindings');
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHECKS = readFileSync(join(import.meta.dirname, 'page-checks.mjs'), 'utf8');

// By the debugger's protocol, as the page's own policy refuses scripts that are put into it.
async function check(page: Page, name: string): Promise<string[]> {
  await page.evaluate(CHECKS);
  return page.evaluate(`pageChecks.${name}()`);
}
