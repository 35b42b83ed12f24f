import { createRequire } from 'node:module';
import { join } from 'node:path';

const modules = process.env['WORKER_MODULES'];

/** Loads a package of the worker's environment, which does not lie beside this code. */
export const packageOf = createRequire(modules ? join(modules, 'any.js') : import.meta.url);
