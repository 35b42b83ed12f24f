import { expect, test } from 'vitest';
import { queryTexts } from '../../../../plugins/nx-study/src/commands/query/texts.ts';

test('without DuckDB the message has a command of this package manager, and where the tables of this study are', () => {
  const message = queryTexts.notInstalled('/data/results/speed/report');
  expect(message).toContain('Install it:  npm install -D @duckdb/node-api\n');
  expect(message).toMatch(/measurements\.csv in \/data\/results\/speed\/report\.$/);
});
