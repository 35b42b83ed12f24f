import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { pages, proseOf, readPage, repository } from '../../helpers/docs.ts';

// As GitHub makes them: letters, digits, - and _ of the text in lower case; blanks become -.
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!);
  return new Set(
    headings.map((text) => {
      const anchor = text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

const linksOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^\w+:/.test(target));

function problemOf(page: string, target: string): string | null {
  const [path, anchor] = target.split('#') as [string, string?];
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(repository, file))) return `${page}: ${target} leads to no file`;
  if (anchor === undefined) return null;
  const linked = statSync(join(repository, file)).isDirectory() ? join(file, 'README.md') : file;
  return anchorsOf(linked).has(anchor) ? null : `${page}: ${target} leads to no heading`;
}

it('every link leads to a file, and to a heading in it', () => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => [page, target] as const));
  expect(links.length).toBeGreaterThan(100);
  expect(links.flatMap(([page, target]) => problemOf(page, target) ?? [])).toEqual([]);
});

it('a link to nothing, and to no heading, is found', () => {
  expect(problemOf('README.md', 'docs/nothing.md')).toMatch('leads to no file');
  expect(problemOf('README.md', 'docs/glossary.md#nothing')).toMatch('leads to no heading');
  expect(problemOf('README.md', 'docs/glossary.md#states')).toBeNull();
});

it('the README leads to every page of docs, and has 150 lines at most', () => {
  const linked = new Set(linksOf('README.md').map((target) => target.split('#')[0]));
  expect(pages.filter((page) => page.startsWith('docs/') && !linked.has(page))).toEqual([]);
  expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(150);
});
