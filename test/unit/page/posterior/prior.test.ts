import { expect, test } from 'vitest';
import { drawnJson, widerJson } from '../../kinds/posterior/priors.ts';
import { realJson } from '../../kinds/posterior/real.ts';
import { pageOf } from './study.ts';

const of = ({ payload, derived }: ReturnType<typeof drawnJson>) => ({ derived, attempt: { payload } });
const idsOf = (page: string) => [...page.matchAll(/<section id="((?:posterior|prior)-[^"]+)"/g)].map(([, id]) => id);
const textOf = (page: string) => page.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replaceAll(/<[^>]*>/g, ' ');

test('a study of priors has one section for them, and none of posteriors', async () => {
  const page = await pageOf({ narrow: of(drawnJson('prior')), wide: of(widerJson(10)) });
  expect(idsOf(page)).toEqual(['prior-draws']);
  const section = page.slice(page.indexOf('id="prior-draws"'));
  for (const part of ['No posterior was sampled', 'Normal(0, 10)', '2 × mean', 'under the prior', 'data_mean'])
    expect(page).toContain(part);
  expect([...section.matchAll(/<figure/g)].length).toBeGreaterThanOrEqual(3);
  expect(textOf(page)).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object/);
});

test('votes under a prior have shares by party and roll call', async () => {
  const page = await pageOf({ drawn: of(drawnJson('prior-votes')) });
  expect(idsOf(page)).toEqual(['prior-draws']);
  for (const part of ['as cast, and under each prior', 'roll calls under the prior of drawn', 'sim-001', '50.3 %'])
    expect(page).toContain(part);
});

test('beside posteriors they stand apart: no section of posteriors names them', async () => {
  const page = await pageOf({ sampled: { derived: realJson('normal') }, imagined: of(drawnJson('prior-votes')) });
  expect(idsOf(page).at(-1)).toBe('prior-draws');
  expect(idsOf(page).length).toBeGreaterThan(3);
  for (const id of idsOf(page).filter((one) => one !== 'prior-draws')) {
    const from = page.indexOf(`<section id="${id}"`);
    expect(page.slice(from, page.indexOf('</section>', from))).not.toContain('imagined');
  }
});
