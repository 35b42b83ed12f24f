import { expect, test } from 'vitest';
import { calibrationOf, even } from '../../kinds/posterior/calibration/fits.ts';
import { calibrationStudy, sectionOf } from './study.ts';

const low = (index: number) => Math.floor(even(index) ** 2 / 100);
const parts = (count: number, made: Parameters<typeof calibrationOf>[0] = {}) =>
  Array.from({ length: count }, (_, at) => calibrationOf({ ...made, first: at * 10, count: 10 }));
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

test('figures and a table for each quantity, the least uniform first; no other section of posteriors', async () => {
  const { page } = await calibrationStudy(parts(10, { ranks: { mu: even, tau: low }, flagged: [3] }));
  expect([...page.matchAll(/<section id="posterior-([^"]+)"/g)].map(([, id]) => id)).toEqual(['calibration']);
  const section = sectionOf(page, 'calibration');
  expect(count(section, /<figure/g)).toBe(3);
  expect(section.indexOf('<b>tau</b>')).toBeLessThan(section.indexOf('<b>mu</b>'));
  expect(section).toContain('p &lt; 0.001: not uniform');
  expect(count(section, /class="band c1"/g)).toBe(2);
  for (const part of ['90.0 %', '82.6 % – 94.5 %', 'fit 3', '3 divergences']) expect(section).toContain(part);
  const text = page.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replaceAll(/<[^>]*>/g, ' ');
  expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object/);
});

test('the curve shows the point that is farthest from the band, wherever it is', async () => {
  // Ranks below 0.5: only the share below the second point is far from the expected one.
  const spike = (index: number) => (index < 20 ? 1 : even(index));
  const { page } = await calibrationStudy(parts(10, { ranks: { mu: spike } }));
  const section = sectionOf(page, 'calibration');
  const table = section.slice(section.indexOf('The data as a table'), section.indexOf('</figure>'));
  expect(count(table, /<tr/g)).toBeGreaterThan(30);
  const beyond = [...table.matchAll(/<tr[^>]*>.*?<\/tr>/gs)].filter(([row]) => {
    const [, y, , high] = [...row.matchAll(/data-v="([^"]+)"/g)].map(([, value]) => Number(value));
    return y !== undefined && y > high!;
  });
  expect(beyond.length).toBeGreaterThan(0);
});

test('of many quantities the least uniform are drawn, and that is said; the table has all', async () => {
  const ranks = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`q${index}`, even]));
  const { page } = await calibrationStudy(parts(10, { ranks: { ...ranks, tau: low } }));
  const section = sectionOf(page, 'calibration');
  expect(section).toContain('Figures show the 12 of 16 quantities of flat whose ranks are least uniform');
  expect(count(section, /class="band c1"/g)).toBe(12);
  for (let index = 0; index < 15; index += 1) expect(section).toContain(`<th scope="row">q${index}</th>`);
});

test('fits that can not be counted together are named, without a number', async () => {
  const { page } = await calibrationStudy([calibrationOf(), { ...calibrationOf({ first: 10 }), draws_ranked: 49 }]);
  const section = sectionOf(page, 'calibration');
  expect(section).toContain('rank different numbers of draws (99, 49)');
  expect(count(section, /<figure|<table/g)).toBe(0);
});
