import { readFileSync } from 'node:fs';
import { look } from './look.ts';

// `node main.ts < QUESTION`, as workers/README.md says of `doctor`.
const { configuration } = JSON.parse(readFileSync(0, 'utf8')) as { configuration: unknown };
process.stdout.write(`${JSON.stringify({ items: await look(configuration) })}\n`);
