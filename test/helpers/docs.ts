import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastGlob from 'fast-glob';

export const repository = join(import.meta.dirname, '../..');

/** All pages of the repository, relative to its root. */
export const pages = fastGlob
  .sync('**/*.md', {
    cwd: repository,
    ignore: ['**/node_modules/**', '.nx/**', 'results/**', '**/.*/**', 'plugins/*/dist*/**'],
  })
  .toSorted();

/** A fenced block of a page. */
export interface Block {
  page: string;
  line: number;
  /** Empty for output and drawings. */
  language: string;
  text: string;
  /** The files of a workspace whose content it is: those that the paragraph before it names, when that ends with a colon. */
  files: string[];
}

export const readPage = (page: string): string => readFileSync(join(repository, page), 'utf8');

/** The fenced blocks of a page, from top to bottom. */
export function blocksOf(page: string): Block[] {
  const text = readPage(page);
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language, 2: content, index }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language: language!,
    text: content!,
    files: filesNamedIn(text.slice(0, index).trimEnd().split('\n\n').at(-1)!),
  }));
}

function filesNamedIn(paragraph: string): string[] {
  if (!paragraph.endsWith(':')) return [];
  return [...paragraph.matchAll(/`((?:packages|studies|workers)\/[\w./-]+\.\w+)`/g)].map(([, file]) => file!);
}

/** The files that a page writes out, by their paths in a workspace. */
export const filesOf = (page: string): Map<string, string> =>
  new Map(blocksOf(page).flatMap(({ files, text }) => files.map((file) => [file, text] as const)));

/** A page without its fenced blocks. */
export const proseOf = (page: string): string => readPage(page).replaceAll(/^```\w*\n.*?^```$/gms, '');
