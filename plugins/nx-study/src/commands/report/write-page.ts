import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparisons } from '../../comparisons/compare.ts';
import { versions } from '../../machine/description/describe.ts';
import { studyPage } from '../../page/study-page.ts';
import { writeDurably } from '../../record/durable.ts';
import type { Results } from '../../state/rows.ts';
import { reportTexts as texts } from './texts.ts';

/** Relative to the folder of a study's report. */
const PAGE = 'index.html';

/** Replaces the page of a study in the folder of its report; returns its path relative to the workspace. */
export async function writePage(
  workspaceRoot: string,
  folder: string,
  { results, comparisons }: { results: Results; comparisons: Comparisons },
): Promise<string> {
  const studyFile = `studies/${results.study}/study.yaml`;
  const study = await readFile(join(workspaceRoot, studyFile), 'utf8').catch(() => null);
  const source = { study, studyFile, version: versions.nx_study, files: texts.files };
  await writeDurably(join(workspaceRoot, folder, PAGE), studyPage({ results, comparisons, source }));
  return `${folder}/${PAGE}`;
}
