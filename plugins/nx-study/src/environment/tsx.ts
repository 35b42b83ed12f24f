import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const load = createRequire(import.meta.url);

/** The loader by which Node runs TypeScript: its address for `--import`, and its version. */
export const tsx = {
  url: pathToFileURL(load.resolve('tsx')).href,
  version: (load('tsx/package.json') as { version: string }).version,
};
