import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { versions } from '../../machine/description/describe.ts';
import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Safe } from '../../figures/html.ts';
import { curvesOf } from '../../page/curves.ts';
import { sampledAttempts } from '../../page/details.ts';
import { indexPage } from '../../page/index-page.ts';
import type { PageInput } from '../../page/input.ts';
import { studyPage } from '../../page/study-page.ts';
import { readDocument } from '../../record/document.ts';
import { writeDurably } from '../../record/durable.ts';
import { readTelemetry } from '../../record/telemetry-samples.ts';
import { studyDirectory } from '../../record/paths.ts';
import { resultsFolder, resultsPath, studyFile as studyFileOf } from '../../workspace/places.ts';
import { subfolders } from '../../record/read.ts';
import type { Results } from '../../state/rows.ts';
import type { Report } from './report.ts';
import { reportTexts as texts } from './texts.ts';

/** Of a study's page, in the folder of its report, and of the page over all studies, in `results`. */
const PAGE = 'index.html';
/** The answer for programs, and for the page over all studies. */
const ANSWER = 'report.json';

const answerSchema = z.object({
  study: z.string(),
  description: z.string().nullable(),
  summary: z.string().nullable(),
  answer: z.array(z.string()),
  latest: z.string().nullable(),
});

/**
 * Replaces the page of a study and its answer as `report.json`, both in the folder of its report, and the page over all
 * studies that have a report.
 * @returns the paths of both pages, relative to the workspace.
 */
export async function writePages(
  workspaceRoot: string,
  folder: string,
  { results, report }: { results: Results; report: Report },
): Promise<{ page: string; index: string }> {
  const { study, description, rows } = results;
  const studyFile = studyFileOf(workspaceRoot, study);
  const text = await readFile(join(workspaceRoot, studyFile), 'utf8').catch(() => null);
  const files = texts.files.filter(([name]) => existsSync(join(resolve(workspaceRoot, folder), name)));
  const source = { study: text, studyFile, version: versions.nx_study, files };
  const { comparisons, summary, answer } = report;
  const curves = await curvesIn(results);
  const latest =
    rows
      .flatMap(({ stored }) => stored?.record.started_at ?? [])
      .toSorted()
      .at(-1) ?? null;
  const said: z.infer<typeof answerSchema> = { study, description, summary, answer, latest };
  await writeDurably(join(resolve(workspaceRoot, folder), ANSWER), `${JSON.stringify(said, null, 2)}\n`);
  await writeDurably(join(resolve(workspaceRoot, folder), PAGE), studyPage({ results, comparisons, source, curves }));
  return { page: `${folder}/${PAGE}`, index: await writeIndex(workspaceRoot) };
}

/** Chosen: the curves of a page take so many characters, and then no more of them: it must stay small enough to be sent. */
const MOST_OF_CURVES = 1 << 20;

/** One file after another: each may be large. */
async function curvesIn(results: Results): Promise<NonNullable<PageInput['curves']>> {
  const curves = new Map<string, Safe | Absent | null>();
  let length = 0;
  for (const { directory, record, name } of sampledAttempts(results)) {
    if (length > MOST_OF_CURVES) break;
    const samples = await readTelemetry(directory, record.telemetry!);
    const drawn = isAbsent(samples) ? samples : curvesOf(samples, name);
    curves.set(directory, drawn);
    length += isAbsent(drawn) ? 0 : (drawn?.text.length ?? 0);
  }
  return curves;
}

const LONGEST_ANSWER = 1 << 20;

async function writeIndex(workspaceRoot: string): Promise<string> {
  const entries = [];
  for (const study of await subfolders(resultsPath(workspaceRoot))) {
    const file = join(studyDirectory(workspaceRoot, study), 'report', ANSWER);
    const read = await readDocument(file, answerSchema, LONGEST_ANSWER);
    if (read.state === 'good') entries.push({ ...read.value, page: `${study}/report/${PAGE}` });
  }
  await writeDurably(join(resultsPath(workspaceRoot), PAGE), indexPage(entries));
  return `${resultsFolder(workspaceRoot)}/${PAGE}`;
}
