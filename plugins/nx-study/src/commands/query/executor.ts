import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { forOne } from '../../base/command.ts';
import type { Answer } from '../../base/command.ts';
import { refuseUnknownOptions } from '../../base/options.ts';
import { reasonOf } from '../../base/reason.ts';
import { forTerminal } from '../../base/terminal.ts';
import { findStudies } from '../../graph/studies.ts';
import { withElsewhere } from '../../state/elsewhere.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import { writeTables } from '../../tables/write.ts';
import type { TablesToWrite } from '../../tables/write.ts';
import { ask, names, needDuckDb } from './duckdb.ts';
import type { Source } from './duckdb.ts';
import { formatAnswer } from './format.ts';
import type { Format } from './format.ts';
import { queryTexts as texts } from './texts.ts';

export interface QueryOptions {
  study: string;
  sql?: string;
  format?: Format;
  from?: string[];
}

/** Writes the tables of a study anew, of all studies where the SQL names them all, and answers the SQL from them. */
async function query(options: QueryOptions, { root }: Pick<ExecutorContext, 'root'>): Promise<Answer> {
  const { study, sql, format = 'table', from = [] } = options;
  refuseUnknownOptions(options, new URL('schema.json', import.meta.url));
  if (sql === undefined || sql.trim() === '') throw new Error(texts.noSql(study));
  const own = await writeTables(root, await withElsewhere(root, await gather(root, study), from), {
    observations: ['', OF_ALL].some((prefix) => names(sql, `${prefix}observations`)),
  });
  await needDuckDb(own);
  const others = TABLES.some((table) => names(sql, `${OF_ALL}${table}`))
    ? await foldersOfOthers(root, study, { observations: names(sql, `${OF_ALL}observations`) })
    : { folders: [], notes: [] };
  const answered = await ask(sql, [
    ...sourcesIn(root, '', [own]),
    ...sourcesIn(root, OF_ALL, [own, ...others.folders]),
  ]);
  const notes = others.notes.map((note) => `${note}\n`).join('');
  return { success: true, text: `${forTerminal(notes)}${formatAnswer(answered, format)}` };
}

export default forOne(query);

const TABLES = ['measurements', 'samples', 'observations'];
const OF_ALL = 'all_';

const sourcesIn = (root: string, prefix: string, folders: readonly string[]): Source[] =>
  TABLES.map((table) => ({
    name: `${prefix}${table}`,
    files: folders.map((folder) => resolve(root, folder, `${table}.parquet`)),
  }));

/** A study that can't be read is left out, and that is said. */
async function foldersOfOthers(
  root: string,
  own: string,
  wanted: TablesToWrite,
): Promise<{ folders: string[]; notes: string[] }> {
  const [folders, notes]: [string[], string[]] = [[], []];
  for (const { name: study } of await findStudies(root)) {
    if (study === own) continue;
    try {
      folders.push(await writeTables(root, resultsOf(await gather(root, study)), wanted));
    } catch (error) {
      notes.push(texts.leftOut(study, reasonOf(error)));
    }
  }
  return { folders, notes };
}
