import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { asTyped } from '../../base/as-typed.ts';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import { comparisonsOf } from '../../comparisons/compare.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import { reportTexts } from '../report/texts.ts';
import { writeDocument } from '../documents/write.ts';
import { noteText } from './note.ts';
import { noteTexts as texts } from './texts.ts';
import { reportRoot } from '../../tables/write.ts';
import { studyFile, studyFolder } from '../../workspace/places.ts';

export interface NoteOptions {
  study: string;
  title?: string;
}

/** Starts a note in Markdown about what a study measured so far; a file that is there stays. */
async function note(options: NoteOptions, context: Pick<ExecutorContext, 'root' | 'taskGraph'>): Promise<Answer> {
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const { study } = options;
  const { root } = context;
  const title = options.title === undefined ? texts.title(study) : asTyped(context, 'title', options.title);
  if (title.trim() === '') throw new Error(texts.emptyTitle);
  const results = resultsOf(await gather(root, study));
  const date = new Date().toISOString().slice(0, 10);
  const files = [['index.html', texts.page] as const, ...reportTexts.files]
    .map(([name, meaning]) => ({ file: `${reportRoot(root, study)}/${name}`, meaning }))
    .filter(({ file }) => existsSync(resolve(root, file)));
  const text = noteText({
    title: title.trim(),
    date,
    studyFile: studyFile(root, study),
    results,
    comparisons: comparisonsOf(results, null),
    files,
  });
  const file = await writeDocument(root, `${studyFolder(root, study)}/notes/${date}-${slugOf(title)}`, text);
  return { success: true, text: forTerminal(`\n${texts.written(file)}\n`) };
}

export default forOne(note);

const LONGEST_SLUG = 60;

/** For a file name on any system. */
const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^-+|-+$/g, '') || texts.slug;
