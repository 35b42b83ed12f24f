import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { isAbsent } from '../../base/known.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { Screen } from '../../base/terminal.ts';
import { visibleJson } from '../../base/visible.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import type { Results } from '../../state/rows.ts';
import { resultsPath, studyFile } from '../../workspace/places.ts';
import { nxRun } from '../../workspace/project.ts';
import { jsonOf } from './json.ts';
import { markdownOf, terminalText } from './text.ts';
import { compareTexts as texts } from './texts.ts';
import { compareVersions } from './versions.ts';

export interface CompareOptions {
  study: string;
  base?: string;
  json?: boolean;
  markdown?: boolean;
  failWhenWorse?: boolean;
}

const COLUMNS_WITHOUT_TERMINAL = 120;

/** Compares what this workspace measured with what another working tree did, each by its own study, plan and code. */
async function compareWith(
  options: CompareOptions,
  { root }: Pick<ExecutorContext, 'root'>,
  screen: Screen,
): Promise<Answer> {
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  const { study, base, json = false, markdown = false, failWhenWorse = false } = options;
  if (base === undefined) throw new Error(texts.noBase(nxRun(study, 'compare')));
  const folder = isAbsolute(base) ? base : join(root, base);
  if (!existsSync(join(folder, 'nx.json'))) throw new Error(texts.noFolder(base));
  if (realpathSync(folder) === realpathSync(root)) throw new Error(texts.itself(base));
  if (resultsPath(folder) === resultsPath(root)) throw new Error(texts.sharedResults(base, resultsPath(root)));
  if (!existsSync(join(folder, studyFile(folder, study))))
    return { success: true, text: withoutBase({ study, base, json }) };
  const results = { here: resultsOf(await gather(root, study)), base: await resultsOfBase(folder, { study, base }) };
  const versions = compareVersions(results.here, results.base);
  const title = texts.title(study, commitOf(results.here), base, commitOf(results.base));
  const shape = { title, versions };
  const judged = versions.entries.filter(({ verdict }) => !isAbsent(verdict));
  const isGood = judged.length > 0 && !judged.some(({ is_worse }) => is_worse);
  const text = json
    ? visibleJson(jsonOf(versions), 2)
    : markdown
      ? markdownOf(shape)
      : terminalText(shape, screen.columns || COLUMNS_WITHOUT_TERMINAL);
  return { success: !failWhenWorse || isGood, text: forTerminal(json ? text : `\n${text}\n`) };
}

export default forOne(compareWith);

type Compared = { study: string; base: string };

async function resultsOfBase(folder: string, { study, base }: Compared): Promise<Results> {
  const gathered = await gather(folder, study).catch((error: unknown) => {
    throw new Error(texts.ofBase(base, error instanceof Error ? error.message : String(error)));
  });
  return resultsOf(gathered);
}

/** A new study is no failure. */
const withoutBase = ({ study, base, json }: Compared & { json: boolean }): string =>
  json ? visibleJson({ study, comparisons: [], reason: texts.noStudy(base, study) }, 2) : texts.noStudy(base, study);

/** The commit of the measurements, where they are all of one. */
function commitOf({ rows }: Results): string {
  const measured = rows.flatMap(({ state, stored }) => (state === 'measured' && stored ? [stored.record.git] : []));
  const commits = new Set(measured.map(({ commit }) => commit));
  const [commit] = commits;
  return commits.size === 1 && commit
    ? texts.commit(
        commit,
        measured.some(({ dirty }) => dirty === true),
      )
    : '';
}
