import { getPackageManagerCommand } from 'nx/src/utils/package-manager.js';
import { nxRun } from '../../workspace/project.ts';

/** Messages of `query`. */
export const queryTexts = {
  notInstalled: (folder: string) =>
    '`query` needs DuckDB, which is not installed (about 70 MB).\n' +
    `Install it:  ${getPackageManagerCommand().addDev} @duckdb/node-api\n` +
    `The tables can be read without it: see measurements.parquet and measurements.csv in ${folder}.`,
  noSql: (study: string) =>
    `\`query\` needs a statement: ${nxRun(study, 'query')} --sql "select label, state from measurements"`,
  wrong: (message: string) => `DuckDB can't answer that: ${message}`,
  nothing: 'no rows',
  leftOut: (study: string, why: string) => `Without the study ${study}, which can't be read: ${why}`,
};
