import { readFileSync } from 'node:fs';
import { inputProblems } from './problems.ts';
import type { Asked } from './problems.ts';

// `node main.ts < QUESTION`, as workers/README.md says of `check`.
const { configuration } = JSON.parse(readFileSync(0, 'utf8')) as { configuration: Asked };
process.stdout.write(JSON.stringify({ problems: inputProblems(configuration) }));
