import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const load = createRequire(import.meta.url);

/** What lets Node run TypeScript: for `--import`, and its version. */
export const tsx = {
  url: pathToFileURL(load.resolve('tsx')).href,
  version: (load('tsx/package.json') as { version: string }).version,
};
