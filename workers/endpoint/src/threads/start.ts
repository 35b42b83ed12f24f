import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * A worker thread that runs a module in TypeScript. Node 20 gives the loader of this process, tsx, to no thread. There it is loaded as
 * CommonJS: for modules tsx would start a further thread, which takes twice the CPU time.
 */
export function typescriptWorker(module: URL, options: { name: string; workerData: unknown }): Worker {
  const flag = process.execArgv.indexOf('--import');
  const loader = flag === -1 ? null : process.execArgv[flag + 1]!;
  if (loader === null) return new Worker(module, options);
  const api = new URL('cjs/api/index.cjs', loader);
  const code = `import(${JSON.stringify(module.href)}).catch((error) => {
    if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    require(${JSON.stringify(fileURLToPath(api))}).register();
    require(${JSON.stringify(fileURLToPath(module))});
  });`;
  return new Worker(code, { ...options, eval: true, execArgv: [] });
}
