import { readFileSync } from 'node:fs';
import { datasetProblems } from './problems.ts';

// `node check.ts < QUESTION`, as workers/README.md says of `check`.
const { configuration } = JSON.parse(readFileSync(0, 'utf8')) as {
  configuration: Parameters<typeof datasetProblems>[0];
};
process.stdout.write(JSON.stringify({ problems: datasetProblems(configuration) }));
