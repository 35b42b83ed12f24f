import { Worker } from 'node:worker_threads';

/**
 * A worker thread that runs a module in TypeScript. Node 20 gives the loader of this process, tsx, to no thread, and the thread that
 * imported a file in vain finds it only under another address.
 */
export function typescriptWorker(module: URL, options: { name: string; workerData: unknown }): Worker {
  const flag = process.execArgv.indexOf('--import');
  const loader = flag === -1 ? null : process.execArgv[flag + 1]!;
  if (loader === null) return new Worker(module, options);
  const api = new URL('esm/api/index.mjs', loader);
  const code = `import(${JSON.stringify(module.href)}).catch((error) => {
    if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    return import(${JSON.stringify(api.href)}).then(({ register }) => {
      register();
      return import(${JSON.stringify(`${module.href}?registered`)});
    });
  });`;
  return new Worker(code, { ...options, eval: true, execArgv: [] });
}
